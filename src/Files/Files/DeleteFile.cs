using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files.Orphans;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Deletes a file of the caller's own; staff may delete everyone's. It is gone at once, its bytes soon after. One that something shows stays.</summary>
[Refuses("file_in_use")]
internal static class DeleteFile
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        // Locked first: who has begun to show it is read from what is committed once nobody else can begin.
        var key = await db.ReadFirst(
            $"select object_key from files.files where id = {id} and state <> 'deleted' and (owner_id = {caller.Id} or {caller.Is(Roles.Staff)}) for update",
            row => row.GetString(0), ct);
        if (key is null)
            return TypedResults.NotFound();
        if (await db.ReadFirst($"select 1 from files.uses where file_id = {id} limit 1", _ => true, ct))
            throw new RefusedException("file_in_use", "Something still shows this file; take it away there first.");

        var now = clock.GetUtcNow();
        await db.Execute($"update files.files set state = 'deleted', updated_at = {now} where id = {id}", ct);
        db.Schedule(DeleteObject.Kind, new DeleteObject.Message(key), now);
        return TypedResults.NoContent();
    }
}
