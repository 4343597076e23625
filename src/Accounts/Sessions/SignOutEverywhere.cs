using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Ends all sessions of the caller, on every device. Access tokens that are out there end with them, within 30 seconds at the most.</summary>
internal static class SignOutEverywhere
{
    public static async Task<NoContent> Handle(Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The version goes up so that access tokens of before are refused, not only their renewal. The user comes before its sessions, always, so that two cannot deadlock.
        await db.Execute($"update accounts.users set version = version + 1, updated_at = {now} where id = {caller.Id}", ct);
        await db.Execute($"update accounts.sessions set revoked_at = {now} where user_id = {caller.Id} and revoked_at is null", ct);
        db.Audit(new AuditEvent("SignedOutEverywhere") { PersonId = caller.Id });
        db.Evict(KnownUsers.Tag(caller.Id));
        return TypedResults.NoContent();
    }
}
