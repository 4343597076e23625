using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>How somebody proved who they are.</summary>
/// <param name="Way">A word for the log: <c>password</c>, <c>wallet</c>.</param>
/// <param name="Code">A code of the second factor, if one was sent.</param>
/// <param name="IsWhole">Whether the way is two factors by itself, as a passkey is that verified its user.</param>
/// <param name="Still">What must still be so, in terms of <c>accounts.users</c>; null for nothing more.</param>
internal sealed record Proof(string Way, string? Code, bool IsWhole = false, Sql? Still = null);

/// <summary>
/// Where every way of signing in ends: whoever has proved to be a user is asked for the second factor, if there is one, and gets a session. Refusals are answers, not exceptions,
/// because the count of failures must be committed. Whoever spends something that is good once spends it only where this let them in: they may have to come again, with a code.
/// </summary>
internal sealed class Admission(Sessions sessions, SecondFactor factor, TimeProvider clock)
{
    /// <summary>Lets somebody in: 401 <c>invalid_credentials</c> or <c>second_factor_required</c>, or 423 <c>account_locked</c>, where not.</summary>
    public async Task<Results<Ok<SignedIn>, Problem>> LetIn(Db db, Guid userId, Proof proof, Device device, CancellationToken ct)
    {
        // The lock lets a deactivation find the session that begins here.
        var found = await db.ReadFirst(
            $"select {Account.Columns}, version, {SecondFactor.SecretColumn} from accounts.users where id = {userId} and is_active and {proof.Still ?? True} for share",
            reader => (User: Account.Read(reader), Version: reader.GetInt64(Account.ColumnCount),
                Secret: reader.IsDBNull(Account.ColumnCount + 1) ? null : reader.GetFieldValue<byte[]>(Account.ColumnCount + 1)), ct);
        if (found.User is null)
            return Wrong();
        if (found.Secret is not null && !proof.IsWhole && await AskSecond(db, found.User, found.Secret, proof, ct) is { } refused)
            return refused;

        db.Audit(new AuditEvent("SignedIn") { PersonId = userId, ActorId = userId, Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["way"] = proof.Way } });
        return TypedResults.Ok(sessions.Begin(db, found.User, found.Version, device));
    }

    /// <summary>What somebody is told who is nobody we know, or not any more.</summary>
    public static Problem Wrong() => Problem.Of(StatusCodes.Status401Unauthorized, "invalid_credentials", "The e-mail address, the password or the code is wrong.");

    private static readonly Sql True = Sql.Raw("true");

    private async Task<Problem?> AskSecond(Db db, Account user, byte[] secret, Proof proof, CancellationToken ct)
    {
        if (proof.Code is null)
            return Problem.Of(StatusCodes.Status401Unauthorized, "second_factor_required", "Send a code of the authenticator, or a recovery code, as well.");

        return await factor.Ask(db, new(user.Id, user.Email, secret), proof.Code, new AuditEvent("SignInFailed")
        {
            PersonId = user.Id,
            PersonalFacts = SignInFailures.Tried(user.Email),
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["factor"] = "second", ["way"] = proof.Way },
        }, Wrong, clock.GetUtcNow(), ct);
    }
}
