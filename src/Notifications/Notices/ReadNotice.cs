using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>The caller has read it. Said again, it was read when it was first said.</summary>
internal static class ReadNotice
{
    public static async Task<Results<Ok<Notice>, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var notice = await db.ReadFirst(
            $"""
            update notifications.notices n set read_at = coalesce(n.read_at, {clock.GetUtcNow()}) where n.id = {id} and n.person_id = {caller.Id} and n.is_listed
            returning {Notice.Columns}
            """, Notice.Read, ct);
        if (notice is null)
            return TypedResults.NotFound();
        db.Announce(new(NoticeNews.NoticeKind, id, caller.Id));
        return TypedResults.Ok(notice);
    }
}
