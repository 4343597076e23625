using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>
/// Makes a new secret for an endpoint, which is shown this once. The one before it signs as well for <c>Webhooks:OldSecretHours</c>, so that receivers can change over one after the
/// other; deliveries carry both signatures meanwhile.
/// </summary>
[AnswersSecret]
[Refuses("two_secrets_live")]
internal static class RotateWebhookSecret
{
    /// <param name="Secret">What deliveries are signed with from now on.</param>
    /// <param name="OldSecretEndsAt">Until when the one before signs as well.</param>
    internal sealed record Response(string Secret, DateTimeOffset OldSecretEndsAt);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Db db, EndpointSecrets secrets, IOptions<WebhookSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, id, ct) is not { } endpoint)
            return TypedResults.NotFound();
        var (secret, now) = (Signature.NewSecret(), clock.GetUtcNow());
        var oldEndsAt = now.AddHours(settings.Value.OldSecretHours);
        if (!endpoint.Rotate(await secrets.Seal(db, id, secret, ct), now, oldEndsAt))
            throw new RefusedException("two_secrets_live", "Two secrets sign already; end the older one first.");
        return TypedResults.Ok(new Response(Signature.Show(secret), oldEndsAt));
    }
}
