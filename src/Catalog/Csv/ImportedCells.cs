using System.Text.RegularExpressions;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>A bad row of a file.</summary>
/// <param name="Row">As a spreadsheet counts: the header is row 1.</param>
/// <param name="Column">Which of its cells; null where it is the row as a whole.</param>
/// <param name="Message">What is wrong with it.</param>
internal sealed record BadRow(int Row, string? Column, string Message);

/// <summary>A good row of a file as it waits for its job. Of columns that the file does not have there is nothing here.</summary>
internal sealed record ImportedCells(
    int Number, Guid NewId, Guid? Id, string? Slug, string? SlugWanted, string? Name, string? NameFolded, string? Description, long? Price, string? Category, int? Stock,
    bool? IsAvailable, bool? IsFeatured, string[]? Tags, IReadOnlyDictionary<string, string>? Metadata, string? Words, string? Labels, string? Described,
    Nutrition? Nutrition, string? Options, Guid[]? Images);

/// <summary>Reads the rows of one file, by the rules that products are added by.</summary>
internal sealed partial class RowReader(string[] columns, CatalogSettings settings)
{
    /// <summary>What is wrong with the row that was read last.</summary>
    public List<BadRow> Errors { get; } = [];

    /// <summary>The row; null where something is wrong with it.</summary>
    public ImportedCells? Read(int number, string[] cells, DateTimeOffset now)
    {
        Errors.Clear();
        if (cells.Length != columns.Length)
        {
            Errors.Add(new(number, null, $"has {cells.Length} cells, and the header {columns.Length}."));
            return null;
        }

        if (Array.FindIndex(cells, cell => cell.Contains('\0', StringComparison.Ordinal)) is >= 0 and var nul)
        {
            Errors.Add(new(number, columns[nul], "must not contain NUL."));
            return null;
        }

        string? Cell(string column) => Array.IndexOf(columns, column) is >= 0 and var at ? cells[at] : null;
        void Bad(string column, string message) => Errors.Add(new(number, column, message));

        var id = Cell(Cells.Id) is { Length: > 0 } given ? Guid.TryParse(given, out var parsed) ? parsed : (Guid?)Guid.Empty : null;
        if (id == Guid.Empty)
            Bad(Cells.Id, "is no id.");
        var slug = Cell(Cells.Slug) is { Length: > 0 } named ? named : null;
        if (slug is not null && !(slug.Length <= 100 && Slugs().IsMatch(slug) && Catalog.Slug.IsUsable(slug)))
            Bad(Cells.Slug, "must be small letters and digits with single hyphens between them, 100 at the most, and no word of ours.");

        var price = Cell(Cells.Price) is { } amount ? Cells.Number(amount) : null;
        if (price is null && columns.Contains(Cells.Price, StringComparer.Ordinal))
            Bad(Cells.Price, "must be a whole number of minor units.");
        if (Cell(Cells.Currency) is { Length: > 0 } currency && currency != settings.Currency)
            Bad(Cells.Currency, $"must be the catalog's own, {settings.Currency}.");
        var category = Cell(Cells.Category);
        if (category is { Length: 0 })
            Bad(Cells.Category, "must be the slug of a category.");

        int? stock = null;
        if (Cell(Cells.Stock) is { } pieces && pieces.Trim().Length > 0)
        {
            if (Cells.Number(pieces) is >= int.MinValue and <= int.MaxValue and var counted)
                stock = (int)counted;
            else
                Bad(Cells.Stock, "must be a whole number, or nothing where it is not counted.");
        }

        var tags = Cell(Cells.Tags) is { } labels ? Cells.Labels(Cells.Plain(labels)) : null;
        var metadata = Cell(Cells.Metadata) is { } pairs ? Cells.Pairs(Cells.Plain(pairs)) : null;
        if (metadata is null && columns.Contains(Cells.Metadata, StringComparer.Ordinal))
            Bad(Cells.Metadata, "must be a JSON object of texts, or nothing.");
        var (isAvailable, isFeatured) = (Flag(Cells.IsAvailable), Flag(Cells.IsFeatured));
        var (name, description) = (Cell(Cells.Name) is { } called ? Cells.Plain(called) : null, Cell(Cells.Description) is { } described ? Cells.Plain(described) : null);

        var nutrition = NutritionOf(Cell, Bad);
        var images = Cell(Cells.Images) is { } files ? ImagesOf(files, Bad) : null;
        var options = Cell(Cells.Options) is { } groups ? Cells.Plain(groups) : null;

        // The rules of adding a product, for what is here. What is not, gets something that holds.
        var product = new AddProduct.Request(name ?? "-", description ?? "", new(price ?? 0, settings.Currency), Guid.Empty, stock, Tags: tags, Nutrition: nutrition, Metadata: metadata, ImageFileIds: images,
            OptionGroups: options is null ? null : OptionsOf(options, Bad));
        foreach (var (field, messages) in Validation.Errors(product) ?? new Dictionary<string, string[]>(StringComparer.Ordinal))
            Bad(ColumnOf(field), messages[0]);
        if (Errors.Count > 0)
            return null;

        tags = tags is null ? null : LabelsAttribute.Kept(tags);
        return new(
            number, Guid.CreateVersion7(now), id, slug, name is null ? null : Catalog.Slug.Of(name, "product"), name, name is null ? null : Folded.ForSorting(name), description, price, category, stock,
            isAvailable, isFeatured, tags, metadata, name is null ? null : SearchWords.OfName(name), tags is null ? null : SearchIndex.LabelsOf(tags), description is null ? null : SearchWords.Of(description),
            nutrition, options, images);

        bool? Flag(string column)
        {
            if (Cell(column) is not { } cell)
                return null;
            if (Cells.Flag(cell) is not { } flag)
            {
                Bad(column, "must be true or false.");
                return null;
            }

            return flag;
        }
    }

    private static string ColumnOf(string field) => field.Split('.', '[') switch
    {
        ["nutrition", var part, ..] => part,
        ["imageFileIds", ..] => Cells.Images,
        ["optionGroups", ..] => Cells.Options,
        var parts => parts[0],
    };

    /// <summary>What a serving holds; null where nothing is said of it. A cell that is no number is said to be bad.</summary>
    private static Nutrition? NutritionOf(Func<string, string?> cell, Action<string, string> bad)
    {
        if (Array.TrueForAll(Cells.Nutrition, column => string.IsNullOrWhiteSpace(cell(column))))
            return null;
        decimal Grams(string column)
        {
            var number = Cells.Decimal(cell(column)!);
            if (number is null)
                bad(column, "must be a number, as in every row with a servingSize.");
            return number ?? 0;
        }

        return new(
            Cells.Plain(cell(Cells.ServingSize)!), Grams(Cells.Calories), Grams(Cells.Protein), Grams(Cells.Carbohydrates), Grams(Cells.Fat), Grams(Cells.Sodium),
            Cells.Labels(Cells.Plain(cell(Cells.Allergens)!)));
    }

    private static Guid[] ImagesOf(string cell, Action<string, string> bad)
    {
        List<Guid> ids = [];
        foreach (var part in cell.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (Guid.TryParse(part, out var id))
                ids.Add(id);
            else
                bad(Cells.Images, $"has '{part[..Math.Min(part.Length, 40)]}', which is no id of a file.");
        return [.. ids.Distinct()];
    }

    private WrittenGroup[]? OptionsOf(string cell, Action<string, string> bad)
    {
        try
        {
            var groups = OptionCells.Read(cell, settings.Currency);
            WrittenGroups.Judge(groups, known: [], settings);
            return groups;
        }
        catch (FormatException error)
        {
            bad(Cells.Options, error.Message);
        }
        catch (InvalidException error)
        {
            bad(Cells.Options, $"{error.Field} {error.Message}");
        }

        return null;
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Slugs();
}
