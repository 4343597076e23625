using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>What a process goes by when a key calls.</summary>
internal sealed class KnownKey(Guid id, Guid userId, byte[] hash, string[] scopes, DateTimeOffset? expiresAt, DateTimeOffset? lastUsedAt, long readAt)
{
    private long _lastUsed = lastUsedAt?.UtcTicks ?? 0;

    public Guid Id => id;

    public Guid UserId => userId;

    public byte[] Hash => hash;

    public DateTimeOffset? ExpiresAt => expiresAt;

    public long ReadAt => readAt;

    public bool Holds(string scope) => Array.IndexOf(scopes, scope) >= 0;

    /// <summary>Whether it is time to write that the key was used; true for one of many who ask at once.</summary>
    public bool IsToBeNoted(DateTimeOffset now)
    {
        var last = Volatile.Read(ref _lastUsed);
        return now.UtcTicks - last >= ApiKey.UseNoted.Ticks && Interlocked.CompareExchange(ref _lastUsed, now.UtcTicks, last) == last;
    }
}

/// <summary>
/// The keys that call, remembered for seconds, as <see cref="Sessions.KnownUsers"/> remembers their owners, and forgotten when they are revoked: here at
/// once after the commit, on the other processes by a signal, or when the seconds are over. What is no key is not remembered.
/// </summary>
internal sealed class KnownKeys
{
    private const string TagPrefix = "api-key:";

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private readonly int _atMost;
    private ConcurrentDictionary<Guid, KnownKey> _known = new();
    private long _changes;

    public KnownKeys(Database database, ResponseCache cache, IOptions<AccountSettings> settings, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        _lifetime = TimeSpan.FromSeconds(settings.Value.RememberedSeconds);
        _atMost = settings.Value.RememberedUsers;
        cache.OnEvict(Forget);
    }

    /// <summary>What <see cref="Db.Evict"/> is told when a key is revoked: half of its hash, which opens nothing.</summary>
    public static string Tag(byte[] hash) => $"{TagPrefix}{NameOf(hash):N}";

    /// <summary>The key that has this text, as remembered or as just read, and not expired; null where there is none.</summary>
    public async ValueTask<KnownKey?> Find(string text, CancellationToken ct)
    {
        if (!ApiKey.IsOne(text))
            return null;
        var hash = ApiKey.HashOf(text);
        var name = NameOf(hash);
        // Taken before the look: what was found before a revocation must not be kept after it.
        var changes = Interlocked.Read(ref _changes);
        if (!_known.TryGetValue(name, out var key) || _clock.GetElapsedTime(key.ReadAt) >= _lifetime)
        {
            key = await Read(hash, ct);
            if (key is not null)
                Keep(name, key, changes);
        }

        return key is not null && CryptographicOperations.FixedTimeEquals(key.Hash, hash) && (key.ExpiresAt is null || key.ExpiresAt > _clock.GetUtcNow()) ? key : null;
    }

    /// <summary>Writes that a key was used, where that was not written in the last minute, by this process or another.</summary>
    public async ValueTask Note(KnownKey key, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        if (key.IsToBeNoted(now))
            await _database.Reading(
                $"update accounts.api_keys set last_used_at = {now} where id = {key.Id} and created_at <= {now} and (last_used_at is null or last_used_at <= {now - ApiKey.UseNoted})",
                _ => Task.CompletedTask, ct);
    }

    private static Guid NameOf(byte[] hash) => new(hash.AsSpan(0, 16));

    private async Task<KnownKey?> Read(byte[] hash, CancellationToken ct)
    {
        var readAt = _clock.GetTimestamp();
        KnownKey? key = null;
        await _database.Reading($"select id, user_id, scopes, expires_at, last_used_at from accounts.api_keys where hash = {hash}", async row =>
        {
            if (await row.ReadAsync(CancellationToken.None))
                key = new(
                    row.GetGuid(0), row.GetGuid(1), hash, row.GetFieldValue<string[]>(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3),
                    row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4), readAt);
        }, ct);
        return key;
    }

    private void Keep(Guid name, KnownKey key, long changes)
    {
        // Keys are few; where they are not, all are read again.
        if (_known.Count >= _atMost)
            _known = new();
        var known = _known;
        known[name] = key;
        if (Interlocked.Read(ref _changes) != changes)
            known.TryRemove(name, out _);
    }

    private void Forget(IReadOnlyCollection<string>? tags)
    {
        if (tags is null)
        {
            Interlocked.Increment(ref _changes);
            _known = new();
            return;
        }

        foreach (var tag in tags)
            if (tag.StartsWith(TagPrefix, StringComparison.Ordinal) && Guid.TryParseExact(tag.AsSpan(TagPrefix.Length), "N", out var name))
            {
                Interlocked.Increment(ref _changes);
                _known.TryRemove(name, out _);
            }
    }
}
