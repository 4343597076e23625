using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Lists products, the newest first, sold out or not unless it is asked. Sorts by name, price, rating or createdAt. Staff also see the stock.</summary>
internal static class ListProducts
{
    internal static readonly SortField[] Sorts =
    [
        new("-createdAt", "p.created_at", "timestamptz"),
        new("name", "p.name_folded", "text"),
        new("price", "p.price_amount", "bigint"),
        new("rating", Rating.Column, "bigint"),
    ];

    private const int FewAtMost = 1000;

    internal sealed record Query : ProductFilter
    {
        /// <summary>Words that stand in the name, the tags, the category's name or the description, whatever their accents and case; the last may be only begun.</summary>
        [StringLength(WantedWords.LongestQuery, MinimumLength = 1)]
        public string? Search { get; init; }
    }

    public static async Task<Ok<Page<ListedProduct>>> Handle([AsParameters] Query query, Caller? caller, Db db, IFiles files, TimeProvider clock, Shown shown, CancellationToken ct)
    {
        shown.Tag(Product.All);
        // There is no end to what people search for, so an answer to it would push others out.
        if (query.Search is not null)
            shown.KeepNothing();

        var reading = new ProductReading(files, clock.GetUtcNow(), caller?.Is(Roles.Staff) == true);
        var few = await Few(query, db, ct);
        // A left join is not carried out for the count, which has no use for it; every product that is not archived has a category.
        return TypedResults.Ok(await db.List(
            query, ListedProduct.Columns, Sql.Raw("catalog.products p left join catalog.categories c on c.id = p.category_id"), Where(query, reading.Now, few), "p.id", Sorts,
            reader => ListedProduct.Read(reader, reading), ct, HasOnePlan(query), few is null ? Counting(query) : null));
    }

    internal static bool HasOnePlan(Query query) => query is { Search: null, MinPrice: null, MaxPrice: null, Tag: null };

    /// <summary>
    /// The products that fit a search, where they are few; null where they are many, or none is searched for. Few are looked up and sorted. Among many the list's own order is
    /// walked until a page is full. The database guesses how many there are, badly for a word that is only begun, and a wrong walk goes through everything.
    /// </summary>
    internal static async Task<Guid[]?> Few(Query query, Db db, CancellationToken ct)
    {
        if (Searched(query) is not { } searched)
            return null;
        var found = await db.Read($"select s.product_id from {searched} limit {FewAtMost + 1}", reader => reader.GetGuid(0), ct);
        return found.Count > FewAtMost ? null : [.. found];
    }

    internal static Sql Where(Query query, DateTimeOffset now, Guid[]? few)
    {
        var where = query.WhereOfProducts(now);
        if (query.Category is not null)
            where = $"{where} and p.category_id = (select id from catalog.categories where slug = {query.Category})";
        if (few is not null)
            return Sql.Of($"{where} and p.id = any({few})");
        // Among many each product on the way is asked for itself: written as a join, the planner would weigh other ways, and that takes it longer than the walk.
        return Searched(query) is { } searched ? Sql.Of($"{where} and (select exists (select from {searched} and s.product_id = p.id))") : where;
    }

    /// <summary>A search alone is counted where it is looked up, and no product is read for it.</summary>
    private static Sql? Counting(Query query) => !query.IsOfProducts && query.Category is null ? Searched(query) : null;

    /// <summary>The products that fit a search, as <c>s</c>; null where there is none. What has no word in it is in no product, unless it is blank.</summary>
    private static Sql? Searched(Query query) => string.IsNullOrWhiteSpace(query.Search) ? null
        : WantedWords.Of(query.Search, "catalog") is { } wanted ? Sql.Of($"catalog.product_search s where s.terms @@ {wanted.Everywhere()}")
        : Sql.Raw("catalog.product_search s where false");
}
