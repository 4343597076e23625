using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Ends the secret before the newest one now: deliveries carry one signature from here on. Where there is one alone, nothing changes.</summary>
internal static class EndOldWebhookSecret
{
    public static async Task<Results<Ok<WebhookEndpointDetails>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        endpoint.EndOldSecret(now);
        await db.Flush(ct);
        return TypedResults.Ok((await WebhookEndpointDetails.Find(db, id, now, ct))!);
    }
}
