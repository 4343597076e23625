using System.Text;
using System.Text.Json;
using Quitanda.Payments.Providers;

namespace Quitanda.Payments.MercadoPago;

/// <summary>
/// Mercado Pago's notices. What is signed is not the body but <c>id:[data.id of the address];request-id:[x-request-id];ts:[ts];</c>, with those left out that were not sent. So only
/// the address says what a notice is about, and an event is named by that as well as by its body: whoever caught a signature cannot name the next notice of another payment with it.
/// The time may be in seconds or milliseconds, and a notice may be any age: it only has Mercado Pago asked.
/// </summary>
internal static class MercadoPagoWebhook
{
    public const string SignatureHeader = "x-signature";

    public const string RequestHeader = "x-request-id";

    public const string IdQuery = "data.id";

    /// <summary>How a chargeback is told from a payment among subjects.</summary>
    public const string ChargebackPrefix = "chargeback:";

    private const int DepthAtMost = 32;

    /// <summary>Null where it is not Mercado Pago's, or is no notice.</summary>
    public static WebhookNotice? Read(WebhookCall call, IEnumerable<string> secrets)
    {
        var about = call.Query.GetValueOrDefault(IdQuery) is { Length: > 0 } named ? named : null;
        if (Verified(call, about, secrets) is not { } time || Body(call.Body) is not { } body)
            return null;
        var type = Named(body.Member("type").Text()) ?? Named(call.Query.GetValueOrDefault("type")) ?? "unknown";
        var id = Named(body.Member("id").Text()) ?? $"at-{time}";
        var subject = (type, about) switch
        {
            ("payment", { } payment) when MercadoPagoJson.IsDigits(payment) => payment,
            ("topic_chargebacks_wh" or "chargebacks", { } chargeback) => ChargebackPrefix + chargeback,
            _ => null,
        };
        return new($"{type}:{about ?? "-"}:{id}", Named(body.Member("action").Text()) ?? type, subject);
    }

    /// <summary>What is signed.</summary>
    public static byte[] Signed(string? about, string? request, string time) => Encoding.UTF8.GetBytes(
        (about is null ? "" : $"id:{about};") + (request is null ? "" : $"request-id:{request};") + $"ts:{time};");

    /// <summary>The time that was signed; null where the signature is not good.</summary>
    private static string? Verified(WebhookCall call, string? about, IEnumerable<string> secrets)
    {
        var request = call.Header(RequestHeader) is { Length: > 0 } sent ? sent : null;
        // What could pass for the end of a part and the beginning of another is in no id of theirs.
        if ((about is not null && Named(about) is null) || (request is not null && request.AsSpan().ContainsAny(';', '\0')))
            return null;
        if (call.Header(SignatureHeader) is not { Length: <= 1000 } header)
            return null;
        string? time = null, signature = null;
        foreach (var part in header.Split(','))
        {
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var value])
                continue;
            // One said twice could be read in two ways.
            if (name is "ts" ? time is not null : name is "v1" && signature is not null)
                return null;
            (time, signature) = name switch { "ts" => (value, signature), "v1" => (time, value), _ => (time, signature) };
        }

        if (!MercadoPagoJson.IsDigits(time) || signature is null)
            return null;
        // Their documentation has the id in lower case, their libraries as it was sent; a payment's is digits.
        string[] known = [.. secrets];
        return SignatureCheck.IsGood(signature, Signed(about, request, time!), known) || (about is not null && SignatureCheck.IsGood(signature, Signed(about.ToLowerInvariant(), request, time!), known)) ? time : null;
    }

    private static JsonElement? Body(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = DepthAtMost });
            return document.RootElement.ValueKind is JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A name as theirs are: letters, digits, dots, dashes and underscores, few.</summary>
    private static string? Named(string? text) => text is { Length: > 0 and <= 64 } && text.All(letter => letter is '_' or '-' or '.' || char.IsAsciiLetterOrDigit(letter)) ? text : null;
}
