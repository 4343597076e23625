using System.Text.Json;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Razorpay;

/// <summary>Reads what came from outside: whatever is not there, or not of the shape that is asked for, is null.</summary>
internal static class RazorpayJson
{
    /// <summary>A member of an object.</summary>
    public static JsonElement? At(this JsonElement of, string name)
    {
        try
        {
            return of.ValueKind is JsonValueKind.Object && of.TryGetProperty(name, out var found) && found.ValueKind is not JsonValueKind.Null ? found : null;
        }
        catch (InvalidOperationException)
        {
            // A name beside it is no text: half of a surrogate pair.
            return null;
        }
    }

    /// <summary>A member of a member, where both are there.</summary>
    public static JsonElement? At(this JsonElement of, string name, string below) => of.At(name)?.At(below);

    /// <summary>A text, without control characters.</summary>
    public static string? Text(this JsonElement of, string name)
    {
        try
        {
            return of.At(name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value && !value.Any(char.IsControl) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // No text: half of a surrogate pair, or bytes that are no UTF-8.
            return null;
        }
    }

    /// <summary>One of Razorpay's ids, such as <c>order_DaaS6LOUAASb7Y</c>: letters, digits and <c>_</c>, 64 at the most.</summary>
    public static string? Id(this JsonElement of, string name) => of.Text(name) is { } id && IsId(id) ? id : null;

    public static bool IsId(string text) => text.Length is > 0 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    /// <summary>A whole number.</summary>
    public static long? Number(this JsonElement of, string name) => of.At(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    /// <summary>Seconds since 1970.</summary>
    public static DateTimeOffset? Time(this JsonElement of, string name) =>
        of.Number(name) is { } seconds and >= 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Minor units, in the currency of a member beside it. Razorpay counts in the same ones.</summary>
    public static Money? Money(this JsonElement of, string amount, string currency = "currency") =>
        of.Number(amount) is { } units and >= 0 and <= Platform.Money.Most && of.Text(currency) is { } code && Currencies.Exists(code) ? new(units, code) : null;

    /// <summary>What a collection holds.</summary>
    /// <exception cref="ProviderUnavailableException">It is none: then nobody knows what there is.</exception>
    public static IReadOnlyList<JsonElement> Items(this JsonElement collection) =>
        collection.At("items") is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : throw new ProviderUnavailableException("razorpay answered a list without items.");

    /// <summary>Why something was refused, in small letters, digits and <c>_</c>: its reason where it names one, else its code.</summary>
    public static string? ErrorCode(this JsonElement of, string reason, string code)
    {
        var said = of.Text(reason) is { } known && !known.Equals("NA", StringComparison.OrdinalIgnoreCase) ? known : of.Text(code);
        return said is null ? null : string.Concat(said.Take(CodeLettersAtMost).Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_'));
    }

    private const int CodeLettersAtMost = 50;
}
