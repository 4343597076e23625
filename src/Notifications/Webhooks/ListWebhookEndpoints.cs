using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Lists the endpoints that are told of events, without their secrets.</summary>
internal static class ListWebhookEndpoints
{
    private static readonly SortField[] Sorts = [new("-createdAt", "w.created_at", "timestamptz"), new("url", "w.url", "text")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<WebhookEndpointDetails>>> Handle([AsParameters] Query query, Db db, TimeProvider clock, CancellationToken ct) =>
        TypedResults.Ok(await db.List(
            query, WebhookEndpointDetails.Columns(clock.GetUtcNow()), Sql.Raw("notifications.webhook_endpoints w"), Sql.Raw("w.deleted_at is null"), "w.id", Sorts, WebhookEndpointDetails.Read, ct));
}
