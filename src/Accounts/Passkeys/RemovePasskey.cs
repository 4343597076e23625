using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>Removes one of the caller's passkeys: it signs nobody in any more. Sessions that it began go on. A letter tells of it.</summary>
internal static class RemovePasskey
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, IMail mail, CancellationToken ct)
    {
        if (await db.ReadFirst($"delete from accounts.passkeys where id = {id} and user_id = {caller.Id} returning name", row => row.GetString(0), ct) is not { } name)
            return TypedResults.NotFound();

        db.Audit(new AuditEvent("PasskeyRemoved") { PersonId = caller.Id, ResourceType = "passkeys", ResourceId = id.ToString() });
        mail.Send(caller.Id, new SecurityNotice { PasskeyRemoved = name });
        return TypedResults.NoContent();
    }
}
