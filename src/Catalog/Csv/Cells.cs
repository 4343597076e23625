using System.Globalization;
using System.Text;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>How a product's values stand in the cells of a file, both ways: what is written is read again as it was.</summary>
internal static class Cells
{
    public const string Id = "id";
    public const string Slug = "slug";
    public const string Name = "name";
    public const string Description = "description";
    public const string Price = "price";
    public const string Currency = "currency";
    public const string Category = "category";
    public const string Stock = "stock";
    public const string IsAvailable = "isAvailable";
    public const string IsFeatured = "isFeatured";
    public const string Tags = "tags";
    public const string Metadata = "metadata";

    public const string Images = "images";
    public const string Options = "options";
    public const string ServingSize = "servingSize";
    public const string Calories = "calories";
    public const string Protein = "protein";
    public const string Carbohydrates = "carbohydrates";
    public const string Fat = "fat";
    public const string Sodium = "sodium";
    public const string Allergens = "allergens";

    /// <summary>What a serving holds: all of it is said, or nothing.</summary>
    public static readonly string[] Nutrition = [ServingSize, Calories, Protein, Carbohydrates, Fat, Sodium, Allergens];

    /// <summary>Every column, in the order of an export.</summary>
    public static readonly string[] Columns = [Id, Slug, Name, Description, Price, Currency, Category, Stock, IsAvailable, IsFeatured, Tags, Metadata, Images, Options, .. Nutrition];

    /// <summary>What makes a spreadsheet take a cell for a formula, or for a command of its own.</summary>
    private const string Formula = "=+-@\t\r\n＝＋－＠";

    /// <summary>
    /// A text that no spreadsheet calculates: before what begins like a formula stands an apostrophe, which it takes for "this is text". One more stands where there
    /// are some already, so that taking one away is always right.
    /// </summary>
    public static string Text(string text) => IsLikeFormula(text) ? "'" + text : text;

    /// <summary>The text of a cell, without the apostrophe that was put before a formula.</summary>
    public static string Plain(string cell) => cell.StartsWith('\'') && IsLikeFormula(cell) ? cell[1..] : cell;

    public static string Flag(bool flag) => flag ? "true" : "false";

    public static bool? Flag(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "TRUE" => true,
        "FALSE" => false,
        _ => null,
    };

    public static long? Number(string cell) => long.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number with decimals, after a point or, as some spreadsheets have it, a comma.</summary>
    public static decimal? Decimal(string cell) =>
        decimal.TryParse(cell.Trim().Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Labels with bars between them. A bar or a backslash in one has a backslash before it.</summary>
    public static string Labels(string[] labels) =>
        string.Join('|', labels.Select(label => label.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)));

    public static string[] Labels(string cell)
    {
        if (cell.Length == 0)
            return [];
        List<string> labels = [];
        var label = new StringBuilder();
        for (var at = 0; at < cell.Length; at++)
            if (cell[at] == '\\' && at + 1 < cell.Length)
                label.Append(cell[++at]);
            else if (cell[at] == '|')
            {
                labels.Add(label.ToString());
                label.Clear();
            }
            else
                label.Append(cell[at]);
        return [.. labels, label.ToString()];
    }

    /// <summary>The pairs of a JSON object of texts; null where it is none, or where one of them has a NUL, which JSON can write and the database cannot.</summary>
    public static Dictionary<string, string>? Pairs(string cell)
    {
        if (string.IsNullOrWhiteSpace(cell))
            return new(StringComparer.Ordinal);
        try
        {
            var pairs = JsonSerializer.Deserialize<Dictionary<string, string>>(cell, Wire.Json);
            return pairs?.Any(pair => pair.Key.Contains('\0', StringComparison.Ordinal) || pair.Value?.Contains('\0', StringComparison.Ordinal) == true) == true ? null : pairs;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsLikeFormula(string text)
    {
        var bare = text.AsSpan().TrimStart('\'');
        return bare.Length > 0 && Formula.Contains(bare[0], StringComparison.Ordinal);
    }
}
