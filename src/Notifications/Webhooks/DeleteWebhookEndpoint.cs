using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Deletes an endpoint: nothing is sent there any more, its secrets can never be read again, and what was delivered is forgotten.</summary>
internal static class DeleteWebhookEndpoint
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        endpoint.Delete(db, clock.GetUtcNow());
        return TypedResults.NoContent();
    }
}
