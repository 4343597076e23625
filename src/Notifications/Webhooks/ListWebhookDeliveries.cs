using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Notifications.Events;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Lists what an endpoint was told, or is to be, with its attempts, newest first.</summary>
internal static class ListWebhookDeliveries
{
    private static readonly SortField[] Sorts = [new("-createdAt", "d.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only deliveries that stand there: <c>waiting</c>, <c>delivered</c> or <c>failed</c>.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Status { get; init; }

        /// <summary>Only events of this type.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Type { get; init; }
    }

    public static async Task<Results<Ok<Page<WebhookDeliveryDetails>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await WebhookEndpointDetails.Find(db, id, clock.GetUtcNow(), ct) is null)
            return TypedResults.NotFound();
        Sql where = $"d.endpoint_id = {id}";
        if (query.Status is { } status)
            where = Sql.Of($"{where} and d.status = {Wire.Asked<DeliveryStatus>(status, "status")}");
        if (query.Type is { } type)
            where = EventType.IsOne(type) ? Sql.Of($"{where} and d.type = {type}") : throw new InvalidException("type", $"must be one of {string.Join(", ", EventType.All.Select(one => one.Name))}.");
        return TypedResults.Ok(await db.List(query, WebhookDeliveryDetails.Columns, Sql.Raw("notifications.webhook_deliveries d"), where, "d.id", Sorts, WebhookDeliveryDetails.Read, ct));
    }
}
