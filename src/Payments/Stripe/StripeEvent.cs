using System.Text;
using System.Text.Json;
using Quitanda.Payments.Providers;

namespace Quitanda.Payments.Stripe;

/// <summary>How Stripe signs: <c>Stripe-Signature: t=SECONDS,v1=HEX</c>, an HMAC-SHA-256 of the time, a dot and the body; a <c>v1</c> for each secret while one is replaced (https://docs.stripe.com/webhooks).</summary>
internal static class StripeSignature
{
    public const string Header = "Stripe-Signature";

    /// <summary>More than Stripe ever has live at a time.</summary>
    private const int SignaturesAtMost = 10;

    public static string Sign(string secret, ReadOnlySpan<byte> body, DateTimeOffset at) => $"t={at.ToUnixTimeSeconds()},v1={SignatureCheck.Sign(secret, Signed($"{at.ToUnixTimeSeconds()}", body))}";

    public static bool IsGood(WebhookCall call, string[] secrets, DateTimeOffset now)
    {
        string? time = null;
        List<string> signatures = [];
        foreach (var part in call.Header(Header)?.Split(',') ?? [])
            switch (part)
            {
                case ['t', '=', .. var seconds] when time is null:
                    time = seconds;
                    break;
                // Two times are two meanings.
                case ['t', '=', ..]:
                    return false;
                case ['v', '1', '=', .. var signature]:
                    signatures.Add(signature);
                    break;
            }

        if (time is null || signatures.Count is 0 or > SignaturesAtMost || !SignatureCheck.IsNow(time, now))
            return false;
        var signed = Signed(time, call.Body.Span);
        var isGood = false;
        foreach (var signature in signatures)
            isGood |= SignatureCheck.IsGood(signature, signed, secrets);
        return isGood;
    }

    private static byte[] Signed(string time, ReadOnlySpan<byte> body) => [.. Encoding.UTF8.GetBytes(time), (byte)'.', .. body];
}

/// <summary>What a signed event of Stripe's is about.</summary>
internal static class StripeEvent
{
    /// <summary>An event is shallow; what is deeper is none.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Null where it is no event. One that concerns no payment intent has no subject.</summary>
    public static WebhookNotice? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            var happened = document.RootElement;
            if (happened.Text("id", 255) is not { } id || happened.Text("type", 100) is not { } type)
                return null;
            return happened.Object("data")?.Object("object") is { } thing && Subject(type, thing) is { } intent ? new(id, type, intent, thing.PaymentId()) : new(id, type, Subject: null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not JSON, or with names that are no text.
            return null;
        }
    }

    /// <summary>The payment intent: itself, or the one that a charge, a refund or a dispute belongs to.</summary>
    private static string? Subject(string type, JsonElement thing) => (type.Split('.')[0], thing.Text("object", 50)) switch
    {
        ("payment_intent", "payment_intent") => thing.Text("id", 255),
        ("charge" or "refund", "charge" or "refund" or "dispute") => thing.Id("payment_intent"),
        _ => null,
    };
}
