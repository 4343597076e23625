using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Shows what a provider told us, with the body as it came.</summary>
internal static class ShowWebhookEvent
{
    /// <param name="Event">What is known of it.</param>
    /// <param name="Body">As it came; null once it was let go.</param>
    internal sealed record Response(WebhookEventDetails Event, [Personal] string? Body);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.Set<WebhookEvent>().AsNoTracking().SingleOrDefaultAsync(happened => happened.Id == id, ct) is { } found
            ? TypedResults.Ok(new Response(WebhookEventDetails.Of(found), found.Body is { } body ? Encoding.UTF8.GetString(body) : null))
            : TypedResults.NotFound();
}
