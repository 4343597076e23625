using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>Confirms the authenticator app by its first code. From now on signing in asks for one. The recovery codes are shown this once, and each is good once.</summary>
[AnswersSecret]
[Refuses("no_second_factor"), Refuses("wrong_code"), Refuses("unauthenticated", 401)]
internal static class ConfirmTotp
{
    internal sealed record Request([StringLength(6), RegularExpression("^[0-9]{6}$")] string Code);

    internal sealed record Response(string[] RecoveryCodes);

    public static async Task<Ok<Response>> Handle(Request request, Caller caller, Db db, SecondFactor factor, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await Standing.Hold(db, caller, ct);
        var secret = await db.ReadFirst($"select secret from accounts.authenticators where user_id = {caller.Id} and confirmed_at is null", row => row.GetFieldValue<byte[]>(0), ct)
            ?? throw new RefusedException("no_second_factor", "There is no authenticator to confirm; begin to set one up first.");
        if (await factor.StepOf(db, caller.Id, secret, request.Code, now, ct) is not { } step)
            throw new RefusedException("wrong_code", "The code is not the authenticator's; check its clock.");

        // This code is taken with it, and good for no sign-in.
        var confirmed = await db.Execute(
            $"update accounts.authenticators set confirmed_at = {now}, last_step = {step} where user_id = {caller.Id} and secret = {secret} and confirmed_at is null", ct);
        if (confirmed == 0)
            throw new RefusedException("no_second_factor", "There is no authenticator to confirm; begin to set one up first.");

        db.Audit(new AuditEvent("SecondFactorEnabled") { PersonId = caller.Id });
        mail.Send(caller.Id, new SecurityNotice { SecondFactorEnabled = true });
        return TypedResults.Ok(new Response(SecondFactor.NewRecoveryCodes(db, caller.Id)));
    }
}
