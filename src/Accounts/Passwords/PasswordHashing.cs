using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passwords;

/// <summary>Whether a password was right, and its new hash where the stored one is weaker than hashes are made today.</summary>
internal sealed record Verdict(bool IsRight, string? NewHash);

/// <summary>
/// Hashes passwords with PBKDF2-HMAC-SHA512, a few at once on threads of its own: a tenth of a second of pure work each would otherwise
/// starve the threads that answer everything else.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    /// <summary>Characters of a password at the least.</summary>
    public const int Shortest = 8;

    /// <summary>Characters of a password at the most: long enough for any phrase, short enough to hash.</summary>
    public const int Longest = 128;

    private static readonly object Nobody = new();

    private readonly PasswordHasher<object> _hasher;
    private readonly BlockingCollection<Action> _waiting;
    private readonly int _atOnce;
    private readonly string _dummy;
    private readonly Lock _lock = new();
    private bool _started;

    public PasswordHashing(IOptions<AccountSettings> settings)
    {
        var iterations = settings.Value.PasswordIterations;
        _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
        _waiting = new(settings.Value.PasswordsWaiting);
        _atOnce = settings.Value.PasswordsAtOnce > 0 ? settings.Value.PasswordsAtOnce : Math.Max(1, Environment.ProcessorCount / 2);
        _dummy = Dummy(iterations);
    }

    /// <summary>The hash of a password, with salt and count in it.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c> (503): too many are waiting.</exception>
    public Task<string> Hash(string password, CancellationToken ct) => Run(() => _hasher.HashPassword(Nobody, password), ct);

    /// <summary>
    /// Whether a password is the one that was hashed, with PBKDF2 or with somebody else's bcrypt. Without a hash it takes the same time to say no, so that time does not
    /// tell who has an account.
    /// </summary>
    /// <exception cref="RefusedException"><c>unavailable</c> (503): too many are waiting.</exception>
    public Task<Verdict> Verify(string? hash, string password, CancellationToken ct) => Run(() => hash switch
    {
        not null when Bcrypt.IsHash(hash) => Bcrypt.Verify(hash, password) ? new Verdict(true, _hasher.HashPassword(Nobody, password)) : new Verdict(false, null),
        // What is of neither form verifies nothing, and is no reason to fail.
        null or ['$', ..] => Never(password),
        _ => _hasher.VerifyHashedPassword(Nobody, hash, password) switch
        {
            PasswordVerificationResult.Success => new Verdict(true, null),
            PasswordVerificationResult.SuccessRehashNeeded => new Verdict(true, _hasher.HashPassword(Nobody, password)),
            _ => new Verdict(false, null),
        },
    }, ct);

    public void Dispose()
    {
        _waiting.CompleteAdding();
        lock (_lock)
            if (!_started)
                _waiting.Dispose();
    }

    private Verdict Never(string password)
    {
        _hasher.VerifyHashedPassword(Nobody, _dummy, password);
        return new Verdict(false, null);
    }

    private Task<T> Run<T>(Func<T> work, CancellationToken ct)
    {
        Start();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var added = !_waiting.IsAddingCompleted && _waiting.TryAdd(() =>
        {
            // Whoever gave up waiting is not worth a tenth of a second.
            if (ct.IsCancellationRequested)
            {
                done.SetCanceled(ct);
                return;
            }

            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        }, 0, CancellationToken.None);
        if (!added)
            throw new RefusedException("unavailable", "Too many people are signing in right now; try again shortly.", StatusCodes.Status503ServiceUnavailable);
        return done.Task;
    }

    /// <summary>Threads are started by the first password, not by the process.</summary>
    private void Start()
    {
        if (Volatile.Read(ref _started))
            return;
        lock (_lock)
        {
            if (_started)
                return;
            for (var i = 0; i < _atOnce; i++)
                new Thread(Work) { IsBackground = true, Name = "passwords" }.Start();
            Volatile.Write(ref _started, true);
        }
    }

    private void Work()
    {
        foreach (var work in _waiting.GetConsumingEnumerable())
            work();
    }

    /// <summary>A hash of no password at all, in the hasher's own form (version 3), so that checking against it costs what a real one costs.</summary>
    private static string Dummy(int iterations)
    {
        const int Salt = 16, Key = 32, Head = 13;
        var bytes = RandomNumberGenerator.GetBytes(Head + Salt + Key);
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), 2); // HMAC-SHA512
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), (uint)iterations);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(9), Salt);
        return Convert.ToBase64String(bytes);
    }
}
