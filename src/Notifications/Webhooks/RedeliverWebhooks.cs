using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Has an endpoint's deliveries that failed since an instant tried again, the first first, a thousand a request.</summary>
[Refuses("endpoint_disabled")]
internal static class RedeliverWebhooks
{
    private const int AtMost = 1000;

    /// <param name="Since">Only what was put into the queue then or later.</param>
    internal sealed record Request(DateTimeOffset Since);

    /// <param name="Redelivered">How many are tried again.</param>
    /// <param name="HasMore">Whether there may be more: ask again.</param>
    internal sealed record Response(int Redelivered, bool HasMore);

    public static async Task<Results<Accepted<Response>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        endpoint.RequireEnabled();
        var again = await Delivery.Again(db, id, Sql.Of($"d.status = 'failed' and d.created_at >= {request.Since.ToUniversalTime()}"), AtMost, clock.GetUtcNow(), ct);
        return TypedResults.Accepted($"/api/v1/webhook-endpoints/{id}/deliveries", new Response(again, again == AtMost));
    }
}
