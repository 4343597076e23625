using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Has a delivery tried again now, under the same <c>webhook-id</c> and with all its attempts, also one that got through.</summary>
[Refuses("endpoint_disabled")]
internal static class RedeliverWebhook
{
    public static async Task<Results<Accepted<WebhookDeliveryDetails>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await WebhookDeliveryDetails.Find(db, id, ct) is not { } delivery || await Endpoint.Lock(db, delivery.EndpointId, ct) is not { } endpoint)
            return TypedResults.NotFound();
        endpoint.RequireEnabled();
        await Delivery.Again(db, endpoint.Id, Sql.Of($"d.id = {id}"), atMost: 1, clock.GetUtcNow(), ct);
        return TypedResults.Accepted($"/api/v1/webhook-deliveries/{id}", await WebhookDeliveryDetails.Find(db, id, ct));
    }
}
