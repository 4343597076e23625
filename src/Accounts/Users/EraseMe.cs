using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// Erases the caller for good: the account, and everything personal wherever it lies. Orders, bookings and payments stay for the books, as nobody's in particular.
/// Orders and bookings that nobody paid yet are cancelled; while another is under way nothing is erased. Access ends at once, and the e-mail address is free.
/// </summary>
[Refuses("last_admin"), Refuses("open_orders"), Refuses("open_bookings")]
internal static class EraseMe
{
    public static async Task<NoContent> Handle(Caller caller, Db db, Erasure erasure, CancellationToken ct)
    {
        await erasure.Erase(caller.Id, ct);
        db.Audit(new AuditEvent("PersonErased") { PersonId = caller.Id, ResourceType = "users", ResourceId = caller.Id.ToString() });
        return TypedResults.NoContent();
    }
}
