using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Shows something that the caller was told. It does not count as read by that.</summary>
internal static class ShowNotice
{
    public static async Task<Results<Ok<Notice>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) => await db.ReadFirst(
        $"select {Notice.Columns} from notifications.notices n where n.id = {id} and n.person_id = {caller.Id} and n.is_listed", Notice.Read, ct) is { } notice ? TypedResults.Ok(notice) : TypedResults.NotFound();
}
