using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Shows a delivery, with its attempts.</summary>
internal static class ShowWebhookDelivery
{
    public static async Task<Results<Ok<WebhookDeliveryDetails>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await WebhookDeliveryDetails.Find(db, id, ct) is { } delivery ? TypedResults.Ok(delivery) : TypedResults.NotFound();
}
