using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Handles an event once more: its provider is asked again how the payment stands. Nothing happens twice by it.</summary>
internal static class ReplayWebhookEvent
{
    public static async Task<Results<Accepted<WebhookEventDetails>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Set<WebhookEvent>().SingleOrDefaultAsync(happened => happened.Id == id, ct) is not { } found)
            return TypedResults.NotFound();
        found.Replay();
        var now = clock.GetUtcNow();
        db.Schedule(HandleWebhook.Kind, new HandleWebhook.Message(found.Provider, found.EventId), now, $"{HandleWebhook.KeyOf(found.Provider, found.EventId)}@{now.Ticks}");
        return TypedResults.Accepted($"/api/v1/webhook-events/{id}", WebhookEventDetails.Of(found));
    }
}
