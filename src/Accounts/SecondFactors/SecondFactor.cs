using System.Security.Cryptography;
using System.Text;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>Where a user's one-time codes come from.</summary>
internal sealed class Authenticator
{
    public required Guid UserId { get; init; }
    public required byte[] Secret { get; init; }
    public required long LastStep { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }
}

/// <summary>A code for whoever has lost their authenticator, known only by its hash.</summary>
internal sealed class RecoveryCode
{
    public required Guid UserId { get; init; }
    public required byte[] Hash { get; init; }
}

/// <summary>A second factor that was found confirmed.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Email">Their address, by which failures are counted.</param>
/// <param name="SealedSecret">The secret; by now there may be another.</param>
internal sealed record HeldFactor(Guid UserId, string? Email, byte[] SealedSecret);

/// <summary>Takes codes of a second factor, each once.</summary>
internal sealed class SecondFactor(PersonSeals seals)
{
    /// <summary>A code of an authenticator or a recovery code, as people type them.</summary>
    public const string CodePattern = "^[0-9A-Za-z \\-]{6,40}$";

    /// <summary>Recovery codes that are given at once.</summary>
    public const int RecoveryCodes = 10;

    /// <summary>With so many left or fewer, their owner is told.</summary>
    public const int FewRecoveryCodes = 2;

    private const int RecoveryLength = 16;
    private const int GroupLength = 4;

    // 32 of them, without what is easily misread: 80 bits in a code, so that its hash needs no slowness.
    private const string RecoveryCharacters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>A column of the user's confirmed secret, sealed, or null; for a select from <c>accounts.users</c>.</summary>
    public static readonly Sql SecretColumn = Sql.Raw("(select f.secret from accounts.authenticators f where f.user_id = users.id and f.confirmed_at is not null)");

    /// <summary>Seals a new secret for a user.</summary>
    public Task<byte[]> Seal(Db db, Guid userId, byte[] secret, CancellationToken ct) => seals.Seal(db, userId, secret, Place, ct);

    /// <summary>The step of the clock whose code this is by a sealed secret, or null. Nothing is taken.</summary>
    public async Task<long?> StepOf(Db db, Guid userId, byte[] sealedSecret, string code, DateTimeOffset now, CancellationToken ct) =>
        await seals.Open(db, userId, sealedSecret, Place, ct) is { } secret ? Totp.StepOf(secret, code, now) : null;

    /// <summary>
    /// Takes a code: false where it is wrong, was taken before, or is older than the last one taken. One statement decides, so of many at once
    /// with one code, on any process, one has it.
    /// </summary>
    /// <param name="db">The unit of work; what is taken is taken if it commits.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="sealedSecret">The secret that was found confirmed; by now there may be another.</param>
    /// <param name="code">As it was typed.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<bool> Take(Db db, Guid userId, byte[] sealedSecret, string code, DateTimeOffset now, CancellationToken ct)
    {
        var typed = Plain(code);
        if (typed.Length == Totp.Digits)
            return await StepOf(db, userId, sealedSecret, typed, now, ct) is { } step && await db.Execute(
                $"update accounts.authenticators set last_step = {step} where user_id = {userId} and secret = {sealedSecret} and confirmed_at is not null and last_step < {step}", ct) == 1;

        // Counted as they were before this one went.
        if (await db.ReadFirst(
            $"""
            with used as (delete from accounts.recovery_codes where user_id = {userId} and hash = {HashOf(userId, typed)} returning user_id)
            select (select count(*) from accounts.recovery_codes where user_id = {userId}) - 1 from used
            """, row => (long?)row.GetInt64(0), ct) is not { } left)
            return false;
        if (left <= FewRecoveryCodes)
            db.Schedule(TellOfFewCodes.Kind, new TellOfFewCodes.Message(userId), now);
        db.Audit(new AuditEvent("RecoveryCodeUsed") { PersonId = userId, ActorId = userId });
        return true;
    }

    /// <summary>
    /// Asks whoever has a second factor for a code, under the limit of failures: counted before it is looked at, and forgotten where it is right, so that of many at once none more than the
    /// limit is tried. Null where it was right; else an answer and not an exception, since the count must be committed.
    /// </summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="held">Whose factor.</param>
    /// <param name="code">As it was typed.</param>
    /// <param name="failure">What the log says of a wrong code.</param>
    /// <param name="wrong">What is answered to a wrong code.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Problem?> Ask(Db db, HeldFactor held, string code, AuditEvent failure, Func<Problem> wrong, DateTimeOffset now, CancellationToken ct)
    {
        var key = SignInFailures.Key(held.Email, held.UserId);
        if (await SignInFailures.Count(db, key, now, ct) is not { } failures)
            return SignInFailures.Locked();
        if (await Take(db, held.UserId, held.SealedSecret, code, now, ct))
        {
            SignInFailures.Clear(db, key);
            return null;
        }

        SignInFailures.Note(db, failure, held.Email, failures);
        return wrong();
    }

    /// <summary>New recovery codes in the place of all there are, for their owner to see once.</summary>
    public static string[] NewRecoveryCodes(Db db, Guid userId)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString(RecoveryCharacters, RecoveryLength)).ToArray();
        var hashes = Array.ConvertAll(codes, code => HashOf(userId, code));
        db.Write($"delete from accounts.recovery_codes where user_id = {userId}");
        db.Write($"insert into accounts.recovery_codes (user_id, hash) select {userId}, hash from unnest({hashes}) as made (hash)");
        return Array.ConvertAll(codes, code => string.Join('-', code.Chunk(GroupLength).Select(group => new string(group))));
    }

    /// <summary>Bound to its user, so that one hash stands for one code of one user.</summary>
    private static byte[] HashOf(Guid userId, string code) => SHA256.HashData([.. userId.ToByteArray(), .. Encoding.UTF8.GetBytes(code)]);

    private static string Plain(string code) => code.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private const string Place = "accounts.authenticators.secret";
}
