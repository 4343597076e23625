using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>Revokes one of the caller's API keys: it is refused at once, on every process.</summary>
internal static class RevokeApiKey
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, IMail mail, CancellationToken ct)
    {
        var (hash, name) = await db.ReadFirst($"delete from accounts.api_keys where id = {id} and user_id = {caller.Id} returning hash, name", row => (row.GetFieldValue<byte[]>(0), row.GetString(1)), ct);
        if (hash is null)
            return TypedResults.NotFound();

        db.Evict(KnownKeys.Tag(hash));
        mail.Send(caller.Id, new SecurityNotice { ApiKeyRevoked = name });
        db.Audit(new AuditEvent("ApiKeyRevoked") { PersonId = caller.Id, ResourceType = "api-keys", ResourceId = id.ToString() });
        return TypedResults.NoContent();
    }
}
