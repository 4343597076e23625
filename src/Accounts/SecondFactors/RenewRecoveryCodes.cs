using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
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

        // A refusal is an answer from here on, not an exception: the count of failures must be committed.
        if (await factor.Ask(db, new(caller.Id, email, secret), request.Code, new AuditEvent("SecondFactorFailed") { PersonId = caller.Id }, DisableTotp.WrongCode, now, ct) is { } refused)
            return refused;

        db.Audit(new AuditEvent("RecoveryCodesRenewed") { PersonId = caller.Id });
        mail.Send(caller.Id, new SecurityNotice { RecoveryCodesRenewed = true });
        return TypedResults.Ok(new Response(SecondFactor.NewRecoveryCodes(db, caller.Id)));
    }
}
