using System.Text.Json;
using Quitanda.Payments.Providers;

namespace Quitanda.Payments.Stripe;

/// <summary>Reads what Stripe wrote, believing no member to be there, nor to be what it should be.</summary>
internal static class StripeJson
{
    /// <summary>A member that is an object; null where it is none.</summary>
    public static JsonElement? Object(this JsonElement from, string name) => from.Member(name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>The elements of a member; none where it is no array.</summary>
    public static IReadOnlyList<JsonElement> List(this JsonElement from, string name) => from.Member(name) is { ValueKind: JsonValueKind.Array } found ? [.. found.EnumerateArray()] : [];

    /// <summary>A text of one to <paramref name="atMost"/> characters, none of them a control character; null where it is none.</summary>
    public static string? Text(this JsonElement from, string name, int atMost)
    {
        if (from.Member(name) is not { ValueKind: JsonValueKind.String } found)
            return null;
        try
        {
            return found.GetString() is { Length: > 0 } text && text.Length <= atMost && !text.Any(char.IsControl) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            return null;
        }
    }

    /// <summary>An id: of the thing itself, where the member was expanded into it.</summary>
    public static string? Id(this JsonElement from, string name) => from.Object(name) is { } expanded ? expanded.Text("id", 255) : from.Text(name, 255);

    public static long? Number(this JsonElement from, string name) => from.Member(name) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt64(out var number) ? number : null;

    public static bool IsTrue(this JsonElement from, string name) => from.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>Seconds since 1970.</summary>
    public static DateTimeOffset? Time(this JsonElement from, string name) =>
        from.Number(name) is >= 0 and <= 253_402_300_799 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Our payment's id, as its metadata keeps it.</summary>
    public static Guid? PaymentId(this JsonElement from) =>
        from.Object("metadata")?.Text(StripeProvider.PaymentIdKey, 36) is { } text && Guid.TryParseExact(text, "D", out var id) ? id : null;

    /// <summary>Why something failed, in Stripe's code, cut to what we keep; the bank's own comes before the kind of error.</summary>
    public static string Code(this JsonElement error)
    {
        var code = error.Text("decline_code", 200) ?? error.Text("code", 200) ?? error.Text("type", 200) ?? "unknown";
        return code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? code[..Math.Min(code.Length, 50)] : "unknown";
    }

    /// <summary>What Stripe refused and why; only of an answer that is no success.</summary>
    public static JsonElement Error(this ProviderAnswer answer) => answer.Body.Object("error")!.Value;

    private static JsonElement? Member(this JsonElement from, string name)
    {
        try
        {
            return from.ValueKind is JsonValueKind.Object && from.TryGetProperty(name, out var found) ? found : null;
        }
        catch (InvalidOperationException)
        {
            // A name beside it is no text: half of a surrogate pair.
            return null;
        }
    }
}
