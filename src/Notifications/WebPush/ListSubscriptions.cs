using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>Lists the caller's browsers that asked to be told.</summary>
internal static class ListSubscriptions
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("-createdAt", "s.created_at", "timestamptz"), new("createdAt", "s.created_at", "timestamptz")];

    public static async Task<Ok<Page<PushSubscription>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await db.List(
        query, PushSubscription.Columns, Sql.Raw("notifications.push_subscriptions s"), Sql.Of($"s.person_id = {caller.Id}"), "s.id", Sorts, PushSubscription.Read, ct, hasOnePlan: true));
}
