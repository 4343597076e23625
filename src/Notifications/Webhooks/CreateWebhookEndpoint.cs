using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>
/// Adds an endpoint that is told of events by <c>POST</c>, signed by the Standard Webhooks specification. The secret that signs is shown this once.
/// </summary>
[AnswersSecret]
[Refuses("too_many_endpoints")]
internal static class CreateWebhookEndpoint
{
    /// <param name="Url">Where events are sent: https, and where anyone can reach it.</param>
    /// <param name="Events">What it asks for: <c>*</c>, <c>order.*</c> or one type of <c>GET /event-types</c>.</param>
    /// <param name="Description">What it is for.</param>
    internal sealed record Request(
        [StringLength(Endpoint.UrlAtMost, MinimumLength = 8)] string Url, [MinLength(1), MaxLength(Endpoint.EventsAtMost)] string[] Events, [StringLength(200, MinimumLength = 1)] string? Description = null);

    /// <param name="Id">Its id.</param>
    /// <param name="Secret">What deliveries are signed with: <c>whsec_</c> and Base64.</param>
    internal sealed record Response(Guid Id, string Secret);

    public static async Task<Created<Response>> Handle(Request request, Db db, EndpointSecrets secrets, OutsideHttp outside, TimeProvider clock, CancellationToken ct)
    {
        var (url, events, now) = (Endpoint.RequireUrl(request.Url, outside), Endpoint.RequireEvents(request.Events), clock.GetUtcNow());
        // One after the other, which is what keeps their number right.
        await db.Execute(Sql.Raw("lock table notifications.webhook_endpoints in share row exclusive mode"), ct);
        if (await db.ReadFirst($"select count(*) from notifications.webhook_endpoints where deleted_at is null", row => row.GetInt64(0), ct) >= Endpoint.AtMost)
            throw new RefusedException("too_many_endpoints", $"There are {Endpoint.AtMost} endpoints already; delete one first.");

        var (id, secret) = (Guid.CreateVersion7(now), Signature.NewSecret());
        db.Add(new Endpoint
        {
            Id = id,
            Url = url,
            Description = request.Description,
            Events = events,
            Secret = await secrets.Seal(db, id, secret, ct),
            CreatedAt = now,
            UpdatedAt = now,
        });
        return TypedResults.Created($"/api/v1/webhook-endpoints/{id}", new Response(id, Signature.Show(secret)));
    }
}
