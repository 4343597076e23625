using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Lists products, the newest first, sold out or not unless it is asked. Sorts by name, price or createdAt. Staff also see the stock.</summary>
internal static class ListProducts
{
    internal static readonly SortField[] Sorts =
    [
        new("-createdAt", "p.created_at", "timestamptz"),
        new("name", "p.name_folded", "text"),
        new("price", "p.price_amount", "bigint"),
    ];

    internal sealed record Query : PageQuery
    {
        /// <summary>The slug of a category.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Category { get; init; }

        /// <summary>Words that stand so in the name or the description, whatever their accents and case.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Search { get; init; }

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
    }

    public static async Task<Ok<Page<ListedProduct>>> Handle([AsParameters] Query query, Caller? caller, Db db, IFiles files, Shown shown, CancellationToken ct)
    {
        // There is no end to what people search for, so an answer to it would push others out.
        if (query.Search is null)
            shown.Tag(Product.All);

        var forStaff = caller?.Is(Roles.Staff) == true;
        // A left join is not carried out for the count, which has no use for it; every product that is not archived has a category.
        return TypedResults.Ok(await db.List(
            query, ListedProduct.Columns, Sql.Raw("catalog.products p left join catalog.categories c on c.id = p.category_id"), Where(query), "p.id", Sorts,
            reader => ListedProduct.Read(reader, forStaff, files), ct, hasOnePlan: query is { Search: null, MinPrice: null, MaxPrice: null, Tag: null }));
    }

    internal static Sql Where(Query query)
    {
        var where = Sql.Raw("p.archived_at is null");
        if (query.Category is not null)
            where = $"{where} and p.category_id = (select id from catalog.categories where slug = {query.Category})";
        if (Folded.Pattern(query.Search) is { } pattern)
            where = $"{where} and p.search_text like {pattern}";
        if (query.MinPrice is { } least)
            where = $"{where} and p.price_amount >= {least}";
        if (query.MaxPrice is { } most)
            where = $"{where} and p.price_amount <= {most}";
        if (query.Available is { } available)
            where = $"{where} and {Sql.Raw(available ? "" : "not ")}(p.is_available and (p.stock is null or p.stock > 0))";
        if (query.Featured is { } featured)
            where = $"{where} and {Sql.Raw(featured ? "" : "not ")}p.is_featured";
        if (query.Tag is not null)
            where = $"{where} and p.tags @> array[{query.Tag}]";
        return where;
    }
}
