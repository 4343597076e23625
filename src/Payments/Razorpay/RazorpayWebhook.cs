using System.Security.Cryptography;
using System.Text.Json;
using Quitanda.Payments.Providers;

namespace Quitanda.Payments.Razorpay;

/// <summary>How Razorpay signs what it tells: <c>X-Razorpay-Signature</c>, an HMAC-SHA-256 of the body in hex. No time is in it; what an event leads to is that Razorpay is asked.</summary>
internal static class RazorpayWebhook
{
    public const string SignatureHeader = "X-Razorpay-Signature";

    /// <summary>Razorpay's id of an event. It is not signed: see <see cref="Read"/>.</summary>
    public const string EventIdHeader = "x-razorpay-event-id";

    private const int DepthAtMost = 32;

    /// <summary>What a call is about; null where it is not Razorpay's.</summary>
    /// <remarks>
    /// An event is known again by its body, and not by <see cref="EventIdHeader"/>: that header is not signed, so whoever has one signed body could send it under ever new ids, each
    /// of them an event to keep and a question to Razorpay, or under the id of an event to come, which would then be taken for a repeat. The body names the event, what it
    /// happened to and when; Razorpay repeats it as it was.
    /// </remarks>
    public static WebhookNotice? Read(WebhookCall call, IEnumerable<string> secrets)
    {
        if (call.Header(SignatureHeader) is not { } signature || !SignatureCheck.IsGood(signature, call.Body.Span, secrets))
            return null;

        var id = Convert.ToHexStringLower(SHA256.HashData(call.Body.Span));
        try
        {
            using var document = JsonDocument.Parse(call.Body, new JsonDocumentOptions { MaxDepth = DepthAtMost });
            var said = document.RootElement;
            var type = said.Text("event") is { Length: <= 100 } named ? named : "unknown";
            return said.At("payload") is { } payload ? new(id, type, SubjectOf(payload), PaymentOf(payload)) : new(id, type, Subject: null);
        }
        catch (JsonException)
        {
            // Signed, and yet nothing that could be read: kept, and about nothing.
            return new(id, "unknown", Subject: null);
        }
    }

    /// <summary>The order, for that is what we call a charge; where an event does not say it, the payment, of which the order can be asked.</summary>
    private static string? SubjectOf(JsonElement payload) =>
        payload.At("order", "entity")?.Id("id")
        ?? payload.At("payment", "entity")?.Id("order_id")
        ?? payload.At("payment", "entity")?.Id("id")
        ?? payload.At("refund", "entity")?.Id("payment_id")
        ?? payload.At("dispute", "entity")?.Id("payment_id");

    private static Guid? PaymentOf(JsonElement payload) => payload.At("order", "entity") is { } order ? RazorpayNews.PaymentOf(order) : null;
}
