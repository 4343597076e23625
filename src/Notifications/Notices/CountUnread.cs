using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Counts what the caller was told and has not read.</summary>
internal static class CountUnread
{
    /// <param name="PersonId">The caller.</param>
    /// <param name="Unread">How many there are.</param>
    internal sealed record Response([Person] Guid PersonId, long Unread);

    public static async Task<Ok<Response>> Handle(Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(new Response(caller.Id, await db.ReadFirst(
        $"select count(*) from notifications.notices where person_id = {caller.Id} and is_listed and read_at is null", row => row.GetInt64(0), ct)));
}
