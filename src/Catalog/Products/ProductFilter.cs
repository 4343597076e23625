using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>What products can be chosen by, in a list and in a search.</summary>
internal abstract record ProductFilter : PageQuery
{
    /// <summary>The slug of a category.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? Category { get; init; }

    /// <summary>Minor units; this price or above.</summary>
    [Range(0, Money.Most)]
    public long? MinPrice { get; init; }

    /// <summary>Minor units; this price or below.</summary>
    [Range(0, Money.Most)]
    public long? MaxPrice { get; init; }

    /// <summary>Only what can be ordered now, or only what cannot.</summary>
    public bool? Available { get; init; }

    /// <summary>Only what the shop puts forward, or only what it does not.</summary>
    public bool? Featured { get; init; }

    /// <summary>Only what has this tag.</summary>
    [StringLength(50, MinimumLength = 1)]
    public string? Tag { get; init; }

    /// <summary>Whether something is asked for that only the product itself knows.</summary>
    internal bool IsOfProducts => MinPrice is not null || MaxPrice is not null || Available is not null || Featured is not null || Tag is not null;

    /// <summary>The condition on products <c>p</c>, but for their category.</summary>
    internal Sql WhereOfProducts(DateTimeOffset now)
    {
        var where = Sql.Raw("p.archived_at is null");
        if (MinPrice is { } least)
            where = $"{where} and p.price_amount >= {least}";
        if (MaxPrice is { } most)
            where = $"{where} and p.price_amount <= {most}";
        if (Available is { } available)
            where = $"{where} and {Sql.Raw(available ? "" : "not ")}(p.is_available and (p.stock is null or p.stock > 0) and (p.sold_out_until is null or p.sold_out_until <= {now}) and p.is_choosable)";
        if (Featured is { } featured)
            where = $"{where} and {Sql.Raw(featured ? "" : "not ")}p.is_featured";
        if (Tag is not null)
            where = $"{where} and p.tags @> array[{Tag}]";
        return where;
    }
}
