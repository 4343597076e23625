using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passwords;

/// <summary>
/// What somebody signed in shows once more, before they change what guards their account: the password, or where the account has none, a sign-in of the last minutes.
/// A wrong password counts as a failed sign-in does, and locks the same address: an access token is no way around the limit.
/// </summary>
internal sealed record PasswordProof(Guid UserId, string? Email, string? Hash, PasswordProof.State Found, Verdict Verdict)
{
    /// <summary>How long a sign-in stands for the password that an account does not have.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>What was found before the transaction.</summary>
    internal enum State
    {
        /// <summary>The account is gone, or deactivated.</summary>
        Gone,

        /// <summary>Too many failures: the password was not looked at.</summary>
        Locked,

        /// <summary>There is no password, and this session is too old to stand for one.</summary>
        Stale,

        /// <summary>There is a verdict.</summary>
        Judged,
    }

    /// <summary>What a caller has shown is right.</summary>
    public bool IsRight => Verdict.IsRight;

    /// <summary>Checks a caller's password before the transaction. What is decided by it is decided on what the database then holds.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="password">Null where none was sent, as whoever has none does.</param>
    /// <param name="services">Of the request.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PasswordProof> Of(Caller caller, string? password, IServiceProvider services, CancellationToken ct)
    {
        var (db, now) = (services.GetRequiredService<Db>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
        var found = await db.ReadFirst(
            $"""
            select email, password_hash, exists (select 1 from accounts.sessions s where s.id = {caller.SessionId} and s.created_at > {now - Fresh} and s.revoked_at is null)
            from accounts.users where id = {caller.Id} and is_active
            """, row => (IsThere: true, Email: row.IsDBNull(0) ? null : row.GetString(0), Hash: row.IsDBNull(1) ? null : row.GetString(1), IsFresh: row.GetBoolean(2)), ct);
        if (!found.IsThere)
            return new(caller.Id, null, null, State.Gone, Refused);
        if (found.Hash is null)
            return new(caller.Id, found.Email, null, found.IsFresh ? State.Judged : State.Stale, found.IsFresh ? Passed : Refused);
        // A locked address costs no hashing.
        if (await SignInFailures.IsLocked(db, SignInFailures.Key(found.Email, caller.Id), now, ct))
            return new(caller.Id, found.Email, found.Hash, State.Locked, Refused);
        return new(caller.Id, found.Email, found.Hash, State.Judged, await services.GetRequiredService<PasswordHashing>().Verify(found.Hash, password ?? "", ct));
    }

    /// <summary>
    /// What a proof that fails is answered with; null where it was right. An answer and not an exception, for the caller to return: the count of failures must be committed.
    /// </summary>
    public async Task<Problem?> Refusal(Db db, DateTimeOffset now, CancellationToken ct)
    {
        // Gone since they were let in: there is nothing to count for.
        if (Found == State.Gone)
            return Problem.From(Wrong());
        if (Found == State.Stale)
            return Problem.Of(StatusCodes.Status403Forbidden, "sign_in_again", "This account has no password: sign in again, and come back within ten minutes.");
        if (Hash is null)
            return null;

        var key = SignInFailures.Key(Email, UserId);
        if (Found == State.Locked || (IsRight && await SignInFailures.IsLocked(db, key, now, ct)))
            return SignInFailures.Locked();
        if (IsRight)
        {
            SignInFailures.Clear(db, key);
            return null;
        }

        if (await SignInFailures.Count(db, key, now, ct) is not { } failures)
            return SignInFailures.Locked();
        SignInFailures.Note(db, new AuditEvent("PasswordRefused") { PersonId = UserId }, Email, failures);
        return Problem.From(Wrong());
    }

    /// <summary>The refusal of a password that is not the account's, or was changed meanwhile.</summary>
    public static RefusedException Wrong() => new("invalid_credentials", "The password is wrong.", StatusCodes.Status401Unauthorized);

    private static readonly Verdict Refused = new(false, null);

    private static readonly Verdict Passed = new(true, null);
}
