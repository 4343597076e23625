using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>A provider's call as it came, read to its end before anything is begun for it.</summary>
internal sealed record RawCall(WebhookCall Call)
{
    /// <summary>Bytes of an event at the most: Stripe's largest have some 250,000.</summary>
    public const int BytesAtMost = 512 * 1024;

    private const int HeadersAtMost = 64;

    /// <summary>Called by the framework.</summary>
    public static async ValueTask<RawCall> BindAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > BytesAtMost)
                throw new BadHttpRequestException("The event is too long.", StatusCodes.Status413PayloadTooLarge);
            body.Write(buffer, 0, read);
        }

        var headers = http.Request.Headers.Take(HeadersAtMost).ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var query = http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
        return new(new WebhookCall(body.ToArray(), headers, query));
    }
}

/// <param name="Received">The event is kept.</param>
internal sealed record ReceivedEvent(bool Received)
{
    /// <exception cref="RefusedException"><c>invalid_signature</c> (401).</exception>
    public static async Task<Ok<ReceivedEvent>> Of(string provider, RawCall raw, Db db, WebhookIntake intake, CancellationToken ct) => await intake.Take(db, provider, raw.Call, ct)
        ? TypedResults.Ok(new ReceivedEvent(true))
        : throw new RefusedException("invalid_signature", "This is not signed as an event of the provider is.", StatusCodes.Status401Unauthorized);
}
