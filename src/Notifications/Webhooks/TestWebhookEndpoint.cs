using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Notifications.Events;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Sends an endpoint an event of type <c>webhook.test</c>, as any other is sent.</summary>
[Refuses("endpoint_disabled")]
internal static class TestWebhookEndpoint
{
    public static async Task<Results<Accepted<WebhookDeliveryDetails>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        endpoint.RequireEnabled();
        var now = clock.GetUtcNow();
        var happened = Guid.CreateVersion7(now);
        db.Write($"insert into notifications.events (id, type, occurred_at, data, created_at) values ({happened}, {EventType.Test}, {now}, {Sql.Json(new { EndpointId = id })}, {now})");
        var delivery = Delivery.Begin(db, happened, id, EventType.Test, now);
        await db.Flush(ct);
        return TypedResults.Accepted($"/api/v1/webhook-deliveries/{delivery}", await WebhookDeliveryDetails.Find(db, delivery, ct));
    }
}
