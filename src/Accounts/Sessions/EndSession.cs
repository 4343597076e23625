using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// Ends one of the caller's sessions, wherever it is used: its refresh token is refused at once, its access tokens within 30 seconds at the most, on
/// every process. The others go on.
/// </summary>
internal static class EndSession
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await db.Execute($"update accounts.sessions set revoked_at = {now} where id = {id} and {SignedInDevice.Going(caller.Id, now)}", ct) == 0)
            return TypedResults.NotFound();

        db.Audit(new AuditEvent("SessionEnded") { PersonId = caller.Id, ResourceType = "sessions", ResourceId = id.ToString() });
        db.Evict(KnownUsers.Tag(caller.Id));
        return TypedResults.NoContent();
    }
}
