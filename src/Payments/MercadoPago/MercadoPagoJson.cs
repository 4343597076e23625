using System.Globalization;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Payments.MercadoPago;

/// <summary>Reads what others wrote: whatever is missing, or is not what it should be, is null.</summary>
internal static class MercadoPagoJson
{
    /// <summary>More than any amount, and little enough to be multiplied.</summary>
    private const decimal Most = 1_000_000_000_000_000;

    /// <summary>A member of an object; nothing where there is none.</summary>
    public static JsonElement Member(this JsonElement of, string name)
    {
        try
        {
            return of.ValueKind is JsonValueKind.Object && of.TryGetProperty(name, out var found) ? found : default;
        }
        catch (InvalidOperationException)
        {
            // Some name in it is half a character.
            return default;
        }
    }

    /// <summary>The elements of an array; none where it is none.</summary>
    public static IEnumerable<JsonElement> Elements(this JsonElement of) => of.ValueKind is JsonValueKind.Array ? of.EnumerateArray() : [];

    /// <summary>A text, or a whole number as it is written: ids come as both.</summary>
    public static string? Text(this JsonElement of)
    {
        try
        {
            return of.ValueKind switch
            {
                JsonValueKind.String => of.GetString(),
                JsonValueKind.Number when of.GetRawText() is var digits && IsDigits(digits) => digits,
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A number, or a text that is one: amounts come as both.</summary>
    public static decimal? Number(this JsonElement of) => of.ValueKind switch
    {
        JsonValueKind.Number when of.TryGetDecimal(out var number) => number,
        JsonValueKind.String when decimal.TryParse(of.Text(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    /// <summary>An instant such as <c>2024-01-15T10:30:00.000-03:00</c>.</summary>
    public static DateTimeOffset? Instant(this JsonElement of) =>
        DateTimeOffset.TryParse(of.Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null;

    /// <summary>An instant as Mercado Pago reads it.</summary>
    public static string Written(this DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    /// <summary>An amount of money in its major unit; null where it is not a whole number of minor ones.</summary>
    public static Money? Money(decimal? amount, string? currency)
    {
        if (amount is not (>= 0 and <= Most) || currency is null || !Currencies.Exists(currency))
            return null;
        var minor = amount.Value * Minor(currency);
        return minor == decimal.Truncate(minor) ? new((long)minor, currency) : null;
    }

    /// <summary>Money in its major unit, as Mercado Pago writes it.</summary>
    public static decimal Major(this Money money) => money.Amount / Minor(money.Currency);

    public static bool IsDigits(string? text) => text is { Length: > 0 and <= 20 } && text.All(char.IsAsciiDigit);

    private static decimal Minor(string currency) => Currencies.DecimalsOf(currency) switch { 0 => 1, 3 => 1000, _ => 100 };
}
