using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passwords;

/// <summary>
/// The password that somebody signed in shows once more, before they change what guards their account. A wrong one counts as a failed sign-in does, and
/// locks the same address: an access token is no way around the limit.
/// </summary>
internal sealed record PasswordProof(Guid UserId, string Email, string? Hash, bool IsLocked, Verdict Verdict)
{
    /// <summary>Checks a caller's password before the transaction. What is decided by it is decided on what the database then holds.</summary>
    public static async Task<PasswordProof> Of(Caller caller, string password, IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<Db>();
        var (email, hash) = await db.ReadFirst(
            $"select email, password_hash from accounts.users where id = {caller.Id} and is_active", row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), ct);
        var isLocked = email is null || await SignInFailures.IsLocked(db, SignInFailures.Key(email), services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
        // A locked address costs no hashing.
        var verdict = isLocked ? new Verdict(false, null) : await services.GetRequiredService<PasswordHashing>().Verify(hash, password, ct);
        return new(caller.Id, email ?? "", hash, isLocked && email is not null, verdict);
    }

    /// <summary>
    /// What a wrong password is answered with; null where it was right. An answer and not an exception, for the caller to return: the count of failures must be committed.
    /// </summary>
    public async Task<Problem?> Refusal(Db db, DateTimeOffset now, CancellationToken ct)
    {
        // Gone since they were let in: there is nothing to count for.
        if (Email.Length == 0)
            return Problem.From(Wrong());
        var key = SignInFailures.Key(Email);
        if (IsLocked || (Verdict.IsRight && await SignInFailures.IsLocked(db, key, now, ct)))
            return Locked();
        if (Verdict.IsRight)
        {
            SignInFailures.Clear(db, key);
            return null;
        }

        if (await SignInFailures.Count(db, key, now, ct) is not { } failures)
            return Locked();
        db.Audit(new AuditEvent("PasswordRefused") { PersonId = UserId });
        if (failures >= SignInFailures.AtMost)
            db.Audit(new AuditEvent("AddressLocked") { PersonId = UserId, PersonalFacts = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = Email } });
        return Problem.From(Wrong());
    }

    /// <summary>The refusal of a password that is not the account's, or was changed meanwhile.</summary>
    public static RefusedException Wrong() => new("invalid_credentials", "The password is wrong.", StatusCodes.Status401Unauthorized);

    private static Problem Locked() => Problem.Of(StatusCodes.Status423Locked, "account_locked", "There were too many failures for this account; try again in 15 minutes.");
}
