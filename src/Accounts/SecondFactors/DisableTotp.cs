using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>Takes the second factor away, for whoever has a code of the authenticator or a recovery code. Wrong codes count as failed sign-ins.</summary>
[Refuses("no_second_factor"), Refuses("wrong_code"), Refuses("account_locked", 423)]
internal static class DisableTotp
{
    internal sealed record Request([StringLength(40), RegularExpression(SecondFactor.CodePattern)] string Code);

    public static async Task<Results<NoContent, Problem>> Handle(Request request, Caller caller, Db db, SecondFactor factor, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (email, secret) = await db.ReadFirst(
            $"select email, {SecondFactor.SecretColumn} from accounts.users where id = {caller.Id}", row => (row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)), ct);
        if (secret is null)
            throw new RefusedException("no_second_factor", "There is no second factor to take away.");

        // A refusal is an answer from here on, not an exception: the count of failures must be committed.
        if (await factor.Ask(db, new(caller.Id, email, secret), request.Code, new AuditEvent("SecondFactorFailed") { PersonId = caller.Id }, WrongCode, now, ct) is { } refused)
            return refused;

        db.Write($"delete from accounts.authenticators where user_id = {caller.Id}");
        db.Audit(new AuditEvent("SecondFactorDisabled") { PersonId = caller.Id });
        mail.Send(caller.Id, new SecurityNotice { SecondFactorDisabled = true });
        return TypedResults.NoContent();
    }

    /// <summary>What somebody signed in is told whose code is wrong.</summary>
    internal static Problem WrongCode() => Problem.Of(StatusCodes.Status409Conflict, "wrong_code", "The code is wrong, or was used before.");
}
