using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Sources;

/// <summary>A row of another system, as texts, and what is understood of it. What cannot be understood is null and noted; it is never guessed.</summary>
internal sealed class SourceRow(SourceQuery query, string?[] values, Reading reading)
{
    private static readonly string[] Wall = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"];
    private static readonly string[] Offset = ["yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <summary>How it is understood.</summary>
    public Reading Reading => reading;

    /// <summary>What is said of it so far.</summary>
    public Arrival Says { get; } = new(Guid.Empty);

    /// <summary>Rows that belong to it, such as the lines of an order.</summary>
    public List<SourceRow> Lines { get; } = [];

    /// <summary>Words that belong to it, such as the tags of a post.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>The same row, of which nothing is said yet.</summary>
    public SourceRow Again()
    {
        var row = new SourceRow(query, values, reading);
        row.Lines.AddRange(Lines.Select(line => line.Again()));
        row.Labels.AddRange(Labels);
        return row;
    }

    /// <summary>Of all that was read of it, and of what belongs to it: as long as this is the same, nobody changed it there.</summary>
    public byte[] Hash() => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { Row = Said(), Lines = Lines.Select(line => string.Join('\n', line.Said())).Order(StringComparer.Ordinal), Labels = Labels.Order(StringComparer.Ordinal) }));

    /// <summary>Whether a field is read at all.</summary>
    public bool Has(string field) => query.PlaceOf(field) >= 0;

    /// <summary>The column that a field is read from; null where none is.</summary>
    public SourceColumn? Column(string field) => query.Column(field);

    /// <summary>A field as it is; null where it is not there or empty.</summary>
    public string? Text(string field) => query.PlaceOf(field) is >= 0 and var place && !string.IsNullOrWhiteSpace(values[place]) ? values[place] : null;

    /// <summary>A field that names something: itself, or another row.</summary>
    public string? Id(string field) => Text(field)?.Trim();

    /// <summary>A word of a fixed list, in small letters with underscores.</summary>
    public string? Word(string field) => Text(field)?.Trim().Replace('-', '_').Replace(' ', '_').ToLowerInvariant();

    /// <summary>Whether something is so: also a time at which it became so, and words for it; null where nothing says.</summary>
    public bool? Flag(string field)
    {
        if (Word(field) is not { } word)
            return Has(field) && query.Column(field)!.Type.StartsWith("timestamp", StringComparison.Ordinal) ? false : null;
        return word switch
        {
            "true" or "t" or "1" or "yes" or "y" or "sim" or "active" or "enabled" or "available" or "approved" or "verified" or "published" or "ativo" or "ativa"
                or "on" or "ok" or "confirmed" or "public" or "visible" or "shown" or "live" or "listed" or "online" or "aprovado" or "aprovada" or "publicado" or "publicada" or "disponivel" or "disponível" => true,
            "false" or "f" or "0" or "no" or "n" or "nao" or "não" or "inactive" or "disabled" or "unavailable" or "blocked" or "banned" or "suspended" or "deleted" or "archived" or "pending" or "rejected"
                or "draft" or "unpublished" or "inativo" or "inativa" or "off" => false,
            _ => word.Length > 9 && char.IsAsciiDigit(word[0]) ? true : null,
        };
    }

    /// <summary>Whether something stands. A word that is not known closes what a known one might have, and is noted.</summary>
    /// <param name="field">What says so.</param>
    /// <param name="otherwise">Whether it stands where nothing says.</param>
    public bool Stands(string field, bool otherwise)
    {
        if (Flag(field) is { } known)
            return known;
        if (Text(field) is null)
            return otherwise;
        Says.Note("status_unknown", $"{field}: its word in {query.Column(field)!.Name} is none that is known; it counts as no.");
        return false;
    }

    /// <summary>The address of an image, the first where several are listed; null where there is none.</summary>
    public string? Image(string field)
    {
        // An address may have commas in it, so only what is written as a list is one.
        var address = Text(field)?.Trim() is not { } text ? null : text[0] == '[' ? ListOf(text) is [var first, ..] ? first : null : Member(field, "url", "src") ?? text;
        if (address is { Length: <= Reading.LongestValue })
            Says.Note("image_not_fetched", "Its images were not fetched; the address of the first is in metadata.importedImage.");
        return address;
    }

    /// <summary>A whole number.</summary>
    public long? Whole(string field)
    {
        if (Text(field) is not { } text)
            return null;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && Math.Abs(number) < 1_000_000_000_000_000)
            return (long)number;
        Says.Note("left_out", $"{field}: no whole number; it was left out.");
        return null;
    }

    /// <summary>A number.</summary>
    public decimal? Number(string field) => Text(field) is { } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>
    /// An amount in minor units. A column whose name says cents is in cents, whatever its type; what has a fraction is in units; of whole numbers the system says which. Null where there is none, or
    /// none that can be.
    /// </summary>
    public long? Amount(string field)
    {
        if (Text(field) is not { } text)
            return null;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || Math.Abs(number) > 1_000_000_000_000)
        {
            Says.Note("amount_invalid", $"{field}: no amount of money.");
            return null;
        }

        var exact = AmountsAre(query.Column(field)!, reading) == AmountsIn.Cents ? number : number * (decimal)Math.Pow(10, Currencies.DecimalsOf(reading.Currency));
        var whole = decimal.Round(exact, MidpointRounding.AwayFromZero);
        if (Math.Abs(whole - exact) > 0.001m)
            Says.Note("amount_rounded", $"{field}: finer than the currency's smallest coin; it was rounded.");
        return (long)whole;
    }

    /// <summary>How amounts of a column are read.</summary>
    public static AmountsIn AmountsAre(SourceColumn column, Reading reading)
    {
        var name = SourceTable.Spelled(column.Name);
        if (name.EndsWith("cents", StringComparison.Ordinal) || name.EndsWith("centavos", StringComparison.Ordinal) || name.EndsWith("paise", StringComparison.Ordinal) || name.EndsWith("minor", StringComparison.Ordinal))
            return AmountsIn.Cents;
        return reading.Amounts ?? (column.IsWhole ? reading.WholeNumbersAre : AmountsIn.Units);
    }

    /// <summary>An instant in the past; null where there is none, or one that cannot be.</summary>
    public DateTimeOffset? Past(string field)
    {
        if (Text(field) is null)
            return null;
        if (Instant(field) is { Year: >= 1990 } instant && instant <= reading.Now)
            return instant;
        Says.Note("time_invalid", $"{field}: no time that can have been; it was left out.");
        return null;
    }

    /// <summary>An instant; null where there is none.</summary>
    public DateTimeOffset? Instant(string field)
    {
        if (Text(field)?.Trim() is not { } text)
            return null;
        if (query.Column(field)!.IsWhole)
            return long.TryParse(text, CultureInfo.InvariantCulture, out var epoch) && epoch is > 0 and < 100_000_000_000_000 ? epoch < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(epoch) : DateTimeOffset.FromUnixTimeMilliseconds(epoch) : null;
        if (DateTimeOffset.TryParseExact(text, Offset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant.ToUniversalTime();
        return DateTime.TryParseExact(text, Wall, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall) && wall.Year > 1 && wall.Year < 9999 ? WallClock.FirstInstantOf(wall, reading.Zone).ToUniversalTime() : null;
    }

    /// <summary>
    /// A calendar day; null where there is none, or none that can be. A midnight is the day that it is written as, in whatever zone: so programs keep days as times. Any other time lies in a day of the store.
    /// </summary>
    public DateOnly? Day(string field)
    {
        if (Text(field)?.Trim() is not { } text)
            return null;
        if (text.Length >= 10 && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && (text.Length == 10 || text[11..].StartsWith("00:00:00", StringComparison.Ordinal)))
            return day;
        return Instant(field) is { Year: > 1 and < 9999 } instant ? WallClock.DayOf(instant, reading.StoreZone) : null;
    }

    /// <summary>Several texts: of an array, of JSON, or between commas.</summary>
    public IReadOnlyList<string> Several(string field) => Text(field)?.Trim() is { } text ? ListOf(text) : [];

    /// <summary>The same of a text.</summary>
    public static IReadOnlyList<string> ListOf(string text)
    {
        if (text.Length == 0)
            return [];
        if (text[0] != '[')
            return text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Json(text) is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.ValueKind == JsonValueKind.Object ? Named(one, "name", "url", "src") : null).OfType<string>()]
            : [];
    }

    /// <summary>A member of a field that holds an object of JSON, by any of its names.</summary>
    public string? Member(string field, params string[] names) =>
        Text(field)?.Trim() is ['{', ..] text && Json(text) is { ValueKind: JsonValueKind.Object } value ? Named(value, names) : null;

    private IEnumerable<string> Said() => query.Names.Select((name, place) => (name, Value: values[place])).Where(one => one.Value is not null).Select(one => $"{one.name}\n{one.Value}");

    private static string? Named(JsonElement value, params string[] names)
    {
        foreach (var name in names)
            foreach (var member in value.EnumerateObject())
                if (SourceTable.Spelled(member.Name) == SourceTable.Spelled(name))
                    return member.Value.ValueKind switch
                    {
                        JsonValueKind.String => member.Value.GetString(),
                        JsonValueKind.Number or JsonValueKind.Array => member.Value.GetRawText(),
                        _ => null,
                    };
        return null;
    }

    private static JsonElement? Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A text that only looks like it.
            return null;
        }
    }
}
