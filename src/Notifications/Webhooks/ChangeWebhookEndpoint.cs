using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>
/// Changes an endpoint, or has it sent nothing for a while. What waits when it is disabled fails within moments, and what happens meanwhile is not kept for it: when it is enabled again,
/// <c>POST /webhook-endpoints/{id}/redeliver</c> brings the first, and <c>GET /events</c> the second.
/// </summary>
internal static class ChangeWebhookEndpoint
{
    /// <param name="Url">Where events are sent. At another one it begins as if nothing had ever failed.</param>
    /// <param name="Events">What it asks for.</param>
    /// <param name="Description">What it is for.</param>
    /// <param name="IsEnabled">Whether anything is sent. Enabled again, it begins as if nothing had ever failed.</param>
    internal sealed record Request(
        [StringLength(Endpoint.UrlAtMost, MinimumLength = 8)] Patch<string> Url = default, [MinLength(1), MaxLength(Endpoint.EventsAtMost)] Patch<string[]> Events = default,
        [StringLength(200, MinimumLength = 1)] Patch<string?> Description = default, Patch<bool> IsEnabled = default);

    public static async Task<Results<Ok<WebhookEndpointDetails>, NotFound>> Handle(Guid id, Request request, Db db, OutsideHttp outside, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (url, events) = (request.Url.IsSet ? Endpoint.RequireUrl(request.Url.Value, outside) : null, request.Events.IsSet ? Endpoint.RequireEvents(request.Events.Value) : null);
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        (endpoint.Events, endpoint.Description, endpoint.UpdatedAt) = (events ?? endpoint.Events, request.Description.Or(endpoint.Description), now);
        if (url is not null)
            endpoint.MoveTo(url);
        if (request.IsEnabled is { IsSet: true, Value: true })
            endpoint.Enable();
        else if (request.IsEnabled.IsSet)
            endpoint.Disable(db, DisabledReason.ByHand, now);
        await db.Flush(ct);
        return TypedResults.Ok((await WebhookEndpointDetails.Find(db, id, now, ct))!);
    }
}
