using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>The caller has read all that they were told until now.</summary>
internal static class ReadAllNotices
{
    /// <param name="Read">How many were unread.</param>
    internal sealed record Response(int Read);

    public static async Task<Ok<Response>> Handle(Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var read = await db.Read(
            $"update notifications.notices set read_at = {clock.GetUtcNow()} where person_id = {caller.Id} and is_listed and read_at is null returning id", row => row.GetGuid(0), ct);
        // One of them tells the caller's other clients how many are unread now.
        if (read.Count > 0)
            db.Announce(new(NoticeNews.NoticeKind, read[^1], caller.Id));
        return TypedResults.Ok(new Response(read.Count));
    }
}
