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
    public bool Ordered { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
