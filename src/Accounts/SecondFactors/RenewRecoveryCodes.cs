using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>
/// Makes new recovery codes in the place of all there are, for whoever has a code of the authenticator, or a recovery code that is left. They are shown this once. Wrong codes count as failed sign-ins.
/// </summary>
[AnswersSecret]
[Refuses("no_second_factor"), Refuses("wrong_code"), Refuses("account_locked", 423)]
internal static class RenewRecoveryCodes
{
    internal sealed record Request([StringLength(40), RegularExpression(SecondFactor.CodePattern)] string Code);

    internal sealed record Response(string[] RecoveryCodes);

    public static async Task<Results<Ok<Response>, Problem>> Handle(Request request, Caller caller, Db db, SecondFactor factor, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (email, secret) = await db.ReadFirst(
            $"select email, {SecondFactor.SecretColumn} from accounts.users where id = {caller.Id}", row => (row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)), ct);
        if (secret is null)
            throw new RefusedException("no_second_factor", "There is no second factor that recovery codes could stand in for.");

        // Refusals are answers from here on, not exceptions: the count of failures must be committed. Counted before it is looked at, so that of many at once none slips through.
        var key = SignInFailures.Key(email, caller.Id);
        if (await SignInFailures.Count(db, key, now, ct) is not { } failures)
            return SignInFailures.Locked();
        if (!await factor.Take(db, caller.Id, secret, request.Code, now, ct))
        {
            SignInFailures.Note(db, new AuditEvent("SecondFactorFailed") { PersonId = caller.Id }, email, failures);
            return Problem.Of(StatusCodes.Status409Conflict, "wrong_code", "The code is wrong, or was used before.");
        }

        SignInFailures.Clear(db, key);
        db.Audit(new AuditEvent("RecoveryCodesRenewed") { PersonId = caller.Id });
        mail.Send(caller.Id, new SecurityNotice { RecoveryCodesRenewed = true });
        return TypedResults.Ok(new Response(SecondFactor.NewRecoveryCodes(db, caller.Id)));
    }
}
