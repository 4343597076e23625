using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog.Products;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Search;

/// <summary>
/// Searches products, the best first: what is called exactly so, what begins so, what has all words in its name, then in its tags, its category's name and its
/// description. Accents and case do not matter, nor whether it is one or many; where next to nothing is found, typing errors are forgiven. A search goes 500
/// products deep: its total says no more, whatever there is.
/// </summary>
internal static class SearchProducts
{
    /// <summary>With fewer than these, what was meant is looked for too.</summary>
    private const int Enough = 3;

    private const string Order = "-relevance";

    internal sealed record Query : ProductFilter
    {
        /// <summary>Words, the last of which may be only begun. What is neither a letter nor a digit only parts them.</summary>
        [Required, StringLength(WantedWords.LongestQuery, MinimumLength = 1)]
        public required string Q { get; init; }

        internal int Size => Limit ?? DefaultLimit;
    }

    public static async Task<Ok<Page<ListedProduct>>> Handle([AsParameters] Query query, Caller? caller, Db db, IFiles files, TimeProvider clock, CancellationToken ct)
    {
        if (query.Sort is not null and not Order)
            throw new InvalidException("sort", "must be -relevance: a search has one order. The list's own search has the others.");
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");
        var place = PlaceOf(query);
        if (WantedWords.Of(query.Q, "catalog") is not { } wanted)
            return TypedResults.Ok(new Found([], 0, HasNext: false, null).PageOf(query));

        var reading = new ProductReading(files, clock.GetUtcNow(), caller?.Is(Roles.Staff) == true);
        var found = await Find(new(wanted), query, place, db, reading, ct);
        if (found.Total < Enough)
        {
            var meant = await Spelling.Meant(db, wanted, ct);
            OtherWords? likely = meant.Count > 0 ? new(wanted.MeantAsValues(meant), wanted.WholeMeantAsValues(meant)) : null;
            OtherWords? any = found.Total == 0 && wanted.All.Length > 1 ? new(wanted.AnyAsValues(meant), wanted.WholeAnyAsValues(meant)) : null;
            if (likely is not null || any is not null)
                found = await Find(new(wanted, likely, any, IsAlone: found.Total == 0), query, place, db, reading, ct);
        }

        return TypedResults.Ok(found.PageOf(query));
    }

    private static async Task<Found> Find(AskedProducts asked, Query query, (long Score, Guid Id)? place, Db db, ProductReading reading, CancellationToken ct)
    {
        var seek = place is { } after ? Sql.Of($"where (score, id) < ({after.Score}, {after.Id})") : Sql.Nothing;
        var offset = ((query.Page ?? 1) - 1L) * query.Size;
        var rows = new List<ListedProduct>(query.Size);
        var (total, hasNext, next) = (0L, false, default(string));
        await db.ReadingRanked(
            [
                $"""
                {RankedProducts.Of(asked, query, reading.Now)}
                select {ListedProduct.Columns}, page.score, counted.total
                from (select count(*) as total from found) counted
                left join (select id, score from found {seek} order by score desc, id desc limit {query.Size + 1} offset {offset}) page on true
                left join catalog.products p on p.id = page.id left join catalog.categories c on c.id = p.category_id
                order by page.score desc, page.id desc
                """,
            ],
            async reader =>
            {
                var (score, counted) = (reader.FieldCount - 2, reader.FieldCount - 1);
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    total = reader.GetInt64(counted);
                    hasNext = rows.Count == query.Size;
                    if (hasNext || reader.IsDBNull(score))
                        continue;
                    rows.Add(ListedProduct.Read(reader, reading));
                    next = Cursor.Write(Order, reader.GetInt64(score).ToString(CultureInfo.InvariantCulture), rows[^1].Id);
                }
            }, ct);
        return new(rows, total, hasNext, hasNext ? next : null);
    }

    private static (long Score, Guid Id)? PlaceOf(Query query)
    {
        if (query.After is null)
            return null;
        var (value, id) = Cursor.Read(query.After, Order);
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var score) ? (score, id) : throw new InvalidException("after", "is not a cursor of this list.");
    }

    private sealed record Found(IReadOnlyList<ListedProduct> Rows, long Total, bool HasNext, string? Next)
    {
        public Page<ListedProduct> PageOf(Query query) => new(Rows, query.After is null
            ? new PageMeta(query.Page ?? 1, query.Size, Total, (Total + query.Size - 1) / query.Size, HasNext, Next)
            : new PageMeta(null, query.Size, null, null, HasNext, Next));
    }
}
