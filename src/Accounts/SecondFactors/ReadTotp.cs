using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>Says whether the caller has a second factor that signing in asks for, and how many recovery codes are left.</summary>
internal static class ReadTotp
{
    /// <param name="UserId">Whose it is.</param>
    /// <param name="IsActive">Whether signing in asks for a code.</param>
    /// <param name="RecoveryCodesLeft">Recovery codes that are not used; 0 where there is no second factor.</param>
    internal sealed record Response([Person] Guid UserId, bool IsActive, int RecoveryCodesLeft);

    public static async Task<Ok<Response>> Handle(Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await db.ReadFirst(
        $"select (select count(*)::integer from accounts.recovery_codes r where r.user_id = a.user_id) from accounts.authenticators a where a.user_id = {caller.Id} and a.confirmed_at is not null",
        row => new Response(caller.Id, IsActive: true, row.GetInt32(0)), ct) ?? new Response(caller.Id, IsActive: false, RecoveryCodesLeft: 0));
}
