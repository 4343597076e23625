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
    /// <summary>Products that are put in order. What more of them fit as well, are the last among their likes, and a better word or a filter finds them.</summary>
    internal const int Depth = 500;

    /// <summary>Names that begin with what was asked for, at the most.</summary>
    private const int BeginningsAtMost = Depth;

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
            if (meant.Count > 0)
                found = await Find(new(wanted, wanted.MeantAsValues(meant), IsAlone: found.Total == 0), query, place, db, reading, ct);
            if (found.Total == 0 && wanted.All.Length > 1)
                found = await Find(new(wanted, wanted.AnyAsValues(meant), IsAlone: true), query, place, db, reading, ct);
        }

        return TypedResults.Ok(found.PageOf(query));
    }

    /// <summary>
    /// The whole search as one statement, the same for all words, so that it is planned once for a connection: planning it takes as long as going through it. Every way in is an index, and goes no
    /// deeper than it says.
    /// </summary>
    /// <param name="asked">What is searched for.</param>
    /// <param name="filter">What else must hold.</param>
    /// <param name="now">The time.</param>
    internal static Sql Ranked(Asked asked, ProductFilter filter, DateTimeOffset now)
    {
        var words = asked.Words;
        var (name, begin, end) = (words.Text, words.Text + " ", words.Text + char.ConvertFromUtf32(0x10FFFF));
        var from = filter.IsOfProducts ? Sql.Of($"catalog.product_search s join catalog.products p on p.id = s.product_id and p.archived_at is null") : Sql.Raw("catalog.product_search s");
        var where = filter.IsOfProducts ? filter.WhereOfProducts(now) : Sql.Raw("true");
        if (filter.Category is not null)
            where = $"{where} and s.category_id = (select id from catalog.categories where slug = {filter.Category})";
        var begins = Sql.Of($"s.name >= {name} and s.name < {end}");
        // Nothing is looked for with a word that is nowhere: reading all that begins as the last word does takes long.
        var occur = Sql.Raw("(select occur from asked)");
        var inName = Sql.Raw(words.IsSameInNames ? "s.name_terms @@ (select everywhere from asked)" : "s.name_terms @@ (select in_name from asked)");
        var everywhere = Sql.Raw("s.terms @@ (select everywhere from asked)");
        var meant = Sql.Raw("(select otherwise from asked)");
        // The rank of full text, which is below 1, orders those that are alike otherwise: how often, where, and in how long a text the words stand.
        var rank = Sql.Raw("least(999999, (ts_rank('{0.05,0.2,0.5,1}', s.terms, (select everywhere from asked), 1) * 1000000)::bigint)");
        var near = Sql.Raw("least(499999, (ts_rank('{0.05,0.2,0.5,1}', s.terms, (select otherwise from asked), 1) * 500000)::bigint)");

        // Of names that begin alike the shortest is the nearest. They are found in the index alone, in its order, and nothing else of them is read.
        var asWritten = Sql.Of($"""
            (select s.product_id as id, case when s.name = {name} then 6 when starts_with(s.name, {begin}) then 5 else 4 end * 1000000::bigint + (999 - length(s.name)) * 1000 as score
                from {from} where {begins} and {where} order by s.name, s.product_id limit {BeginningsAtMost})
            union all
            (select s.product_id, case when s.name_terms @@ (select whole_in_name from asked) then 3 else 2 end * 1000000 + {rank} from {from} where {occur} and {inName} and not ({begins}) and {where} limit {Depth})
            union all
            (select s.product_id, 1000000 + {rank} from {from} where {occur} and {everywhere} and not ({begins}) and not ({inName}) and {where} limit {Depth})
            """);
        // What was found as it was written is not found again; where nothing was, nothing needs to be told apart.
        var isOther = asked.IsAlone ? Sql.Raw("true") : Sql.Of($"not ({begins}) and not ({inName}) and not ({everywhere})");
        var otherwise = Sql.Of($"""
            (select s.product_id as id, 500000 + {near} as score from {from} where s.name_terms @@ {meant} and {isOther} and {where} limit {Depth})
            union all
            (select s.product_id, {near} from {from} where s.terms @@ {meant} and not (s.name_terms @@ {meant}) and {isOther} and {where} limit {Depth})
            """);
        // A word that names or labels have, or had, is found at once in the list of words; asked for first, as an index of what is common is long to read.
        var asWords = Sql.Of($"""
            {words.EverywhereAsValues()} as everywhere, {(words.IsSameInNames ? Sql.Raw("null::tsquery") : words.InNameAsValues())} as in_name, {words.WholeInNameAsValues()} as whole_in_name,
            coalesce((
                select bool_and(case
                    when exists (select from catalog.search_words known where known.word = asked_for.word) then true
                    else exists (select from catalog.product_search s where s.terms @@ catalog.wanted(asked_for.word, false)) end)
                from unnest({words.All[..^1]}) as asked_for (word)), true) as occur
            """);
        var asMeant = Sql.Of($"{asked.Otherwise ?? Sql.Nothing} as otherwise");
        var (what, ways) = asked switch
        {
            { Otherwise: null } => (asWords, asWritten),
            { IsAlone: true } => (asMeant, otherwise),
            _ => (Sql.Of($"{asWords}, {asMeant}"), Sql.Of($"{asWritten} union all {otherwise}")),
        };
        // A way is not gone where the ones before it fill the depth.
        return Sql.Of($"with asked as materialized (select {what}), found as materialized ({ways} limit {Depth})");
    }

    private static async Task<Found> Find(Asked asked, Query query, (long Score, Guid Id)? place, Db db, ProductReading reading, CancellationToken ct)
    {
        var seek = place is { } after ? Sql.Of($"where (score, id) < ({after.Score}, {after.Id})") : Sql.Nothing;
        var offset = ((query.Page ?? 1) - 1L) * query.Size;
        var rows = new List<ListedProduct>(query.Size);
        var (total, hasNext, next) = (0L, false, default(string));
        await db.Reading(
            [
                $"""
                {Ranked(asked, query, reading.Now)}
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

    /// <summary>What is searched for.</summary>
    /// <param name="Words">The words.</param>
    /// <param name="Otherwise">A <c>tsquery</c> of what may have been meant, or of any of them; null where only what was written is looked for.</param>
    /// <param name="IsAlone">Whether that alone is looked for, after nothing was found as it was written.</param>
    internal sealed record Asked(WantedWords Words, Sql? Otherwise = null, bool IsAlone = false);

    private sealed record Found(IReadOnlyList<ListedProduct> Rows, long Total, bool HasNext, string? Next)
    {
        public Page<ListedProduct> PageOf(Query query) => new(Rows, query.After is null
            ? new PageMeta(query.Page ?? 1, query.Size, Total, (Total + query.Size - 1) / query.Size, HasNext, Next)
            : new PageMeta(null, query.Size, null, null, HasNext, Next));
    }
}
