namespace Quitanda.Catalog;

/// <summary>The tables as the EF model knows them; they are written and read by hand-made SQL.</summary>
internal sealed class CategoryRow
{
    public Guid Id { get; init; }
    public required string Name { get; init; }
    public required string Slug { get; init; }
    public string? Description { get; init; }
    public int Position { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class OptionStockRow
{
    public Guid OptionId { get; init; }
    public Guid ProductId { get; init; }
    public int Stock { get; init; }
}

internal sealed class ProductRow
{
    public Guid Id { get; init; }
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public required string NameFolded { get; init; }
    public required string Description { get; init; }
    public required string SearchText { get; init; }
    public long PriceAmount { get; init; }
    public required string Currency { get; init; }
    public Guid? CategoryId { get; init; }
    public int? Stock { get; init; }
    public bool IsAvailable { get; init; }
    public bool IsFeatured { get; init; }
    public required string[] Tags { get; init; }
    public string? Nutrition { get; init; }
    public required string Metadata { get; init; }
    public required string Images { get; init; }
    public string? OptionGroups { get; init; }
    public bool CountsOptions { get; init; }
    public bool IsChoosable { get; init; }
    public bool Ordered { get; init; }
    public long RatingSum { get; init; }
    public int RatingCount { get; init; }
    public DateTimeOffset? SoldOutUntil { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class SearchRow
{
    public Guid ProductId { get; init; }
    public Guid CategoryId { get; init; }
    public required string Name { get; init; }
    public required string Labels { get; init; }
    public required string Category { get; init; }
    public required string Description { get; init; }
}

internal sealed class SearchWordRow
{
    public required string Word { get; init; }
}

internal sealed class ImportRow
{
    public Guid Id { get; init; }
    public Csv.ImportState State { get; init; }
    public required string[] Columns { get; init; }
    public int RowsRead { get; init; }
    public int? RowsAdded { get; init; }
    public int? RowsChanged { get; init; }
    public int? RowsUnchanged { get; init; }
    public int BadRows { get; init; }
    public required string Errors { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}

internal sealed class ImportedRow
{
    public Guid ImportId { get; init; }
    public int Number { get; init; }
    public required string Cells { get; init; }
    public Guid? ProductId { get; init; }
    public Guid? CategoryId { get; init; }
    public string? Slug { get; init; }
}
