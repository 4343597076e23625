using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Shows an endpoint, without its secrets.</summary>
internal static class ShowWebhookEndpoint
{
    public static async Task<Results<Ok<WebhookEndpointDetails>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct) =>
        await WebhookEndpointDetails.Find(db, id, clock.GetUtcNow(), ct) is { } endpoint ? TypedResults.Ok(endpoint) : TypedResults.NotFound();
}
