using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Erases somebody for good, for admins, as they can do themselves: with what stays, and what it is refused for.</summary>
[Refuses("last_admin"), Refuses("open_orders"), Refuses("open_bookings")]
internal static class EraseUser
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, Erasure erasure, CancellationToken ct)
    {
        if (!await db.ReadFirst($"select true from accounts.users where id = {id}", row => row.GetBoolean(0), ct))
            return TypedResults.NotFound();

        await erasure.Erase(id, ct);
        db.Audit(new AuditEvent("PersonErased") { PersonId = id, ResourceType = "users", ResourceId = id.ToString() });
        return TypedResults.NoContent();
    }
}
