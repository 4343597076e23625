using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog.Search;

/// <summary>What is searched for.</summary>
/// <param name="Words">The words.</param>
/// <param name="Meant">What they may have been meant to be; null where that is not looked for.</param>
/// <param name="Any">Any of them, or of what they may have been meant to be, looked for where nothing is found before it, and so only with <paramref name="IsAlone"/>; null where it is not.</param>
/// <param name="IsAlone">Whether these alone are looked for, after nothing was found as it was written.</param>
internal sealed record AskedProducts(WantedWords Words, OtherWords? Meant = null, OtherWords? Any = null, bool IsAlone = false);

/// <summary>What is looked for beside what was written.</summary>
/// <param name="Begun">A <c>tsquery</c> whose last word may be only begun.</param>
/// <param name="Whole">The same of whole words.</param>
internal sealed record OtherWords(Sql Begun, Sql Whole);

/// <summary>
/// The whole search as one statement, the same for all words, so that it is planned once for a connection: planning it takes as long as going through it. Every way in is an index, and goes no
/// deeper than it says.
/// </summary>
internal static class RankedProducts
{
    /// <summary>Products that are put in order. What more of them fit as well, are the last among their likes, and a better word or a filter finds them.</summary>
    internal const int Depth = 500;

    /// <summary>Names that begin with what was asked for, at the most.</summary>
    private const int BeginningsAtMost = Depth;

    /// <summary>The common table expressions that end in <c>found (id, score)</c>.</summary>
    /// <param name="asked">What is searched for.</param>
    /// <param name="filter">What else must hold.</param>
    /// <param name="now">The time.</param>
    public static Sql Of(AskedProducts asked, ProductFilter filter, DateTimeOffset now)
    {
        if (asked.IsAlone ? asked is { Meant: null, Any: null } : asked.Any is not null)
            throw new ArgumentException("Any of the words are looked for only where nothing was found as it was written, and then these or what was meant are.", nameof(asked));
        var words = asked.Words;
        var from = filter.IsOfProducts ? Sql.Of($"catalog.product_search s join catalog.products p on p.id = s.product_id and p.archived_at is null") : Sql.Raw("catalog.product_search s");
        var where = filter.IsOfProducts ? filter.WhereOfProducts(now) : Sql.Raw("true");
        if (filter.Category is not null)
            where = $"{where} and s.category_id = (select id from catalog.categories where slug = {filter.Category})";
        var (name, begin, end) = (words.Text, words.Text + " ", words.Text + char.ConvertFromUtf32(0x10FFFF));
        var begins = Sql.Of($"s.name >= {name} and s.name < {end}");
        var (inName, everywhere, whole) = (Sql.Raw("s.name_terms @@ (select in_name from asked)"), Sql.Raw("s.terms @@ (select everywhere from asked)"), Sql.Raw("s.terms @@ (select whole from asked)"));
        // Nothing is looked for with a word that is nowhere: reading all that begins as the last word does takes long.
        var occur = Sql.Raw("(select occur from asked)");
        var isOpen = Sql.Raw("(select is_open from begun)");
        var rank = Rank("everywhere", 1_000_000);

        // Whole words first: where there are enough of those, what only begins so, which is longer to read, is not looked for.
        // Of names that begin alike the shortest is the nearest. They are found in the index alone, in its order, and nothing else of them is read.
        var asWritten = Sql.Of($"""
            (select s.product_id as id, case when s.name = {name} then 6 when starts_with(s.name, {begin}) then 5 else 4 end * 1000000::bigint + (999 - length(s.name)) * 1000 as score
                from {from} where {begins} and {where} order by s.name, s.product_id limit {BeginningsAtMost})
            union all
            (select s.product_id, case when s.name_terms @@ (select whole_in_name from asked) then 3 else 2 end * 1000000 + {rank} from {from} where {occur} and {inName} and not ({begins}) and {where} limit {Depth})
            union all
            (select s.product_id, 1000000 + {rank} from {from} where {occur} and {whole} and not ({begins}) and not ({inName}) and {where} limit {Depth})
            union all
            (select s.product_id, 1000000 + {rank} from {from}
                where {occur} and {isOpen} and {everywhere} and not ({whole}) and not ({begins}) and not ({inName}) and {where} limit {Depth})
            """);
        // What was found as it was written is not found again; where nothing was, nothing needs to be told apart.
        var isOther = asked.IsAlone ? Sql.Raw("true") : Sql.Of($"not ({begins}) and not ({inName}) and not ({everywhere})");
        var meant = Otherwise("meant", from, Sql.Of($"{isOther} and {where}"));
        var any = Otherwise("any_of", from, Sql.Of($"not (select exists (select from likely)) and {where}"));

        // A word that names or labels have, or had, is found at once in the list of words; asked for first, as an index of what is common is long to read.
        var asWords = Sql.Of($"""
            {words.EverywhereAsValues()} as everywhere, {words.WholeAsValues()} as whole, {(words.IsSameInNames ? Sql.Raw("null::tsquery") : words.InNameAsValues())} as begun_in_name,
            {words.WholeInNameAsValues()} as whole_in_name,
            coalesce((
                select bool_and(case
                    when exists (select from catalog.search_words known where known.word = asked_for.word) then true
                    else exists (select from catalog.product_search s where s.terms @@ catalog.wanted(asked_for.word, false)) end)
                from unnest({words.All[..^1]}) as asked_for (word)), true) as occur
            """);
        var asMeant = asked.Meant is { } likely ? Sql.Of($"{likely.Begun} as meant, {likely.Whole} as whole_meant") : Sql.Nothing;
        var asAny = asked.Any is { } unlikely ? Sql.Of($"{unlikely.Begun} as any_of, {unlikely.Whole} as whole_any_of") : Sql.Nothing;
        // A way is not gone where the ones before it fill the depth.
        var (given, ways) = asked switch
        {
            { IsAlone: false, Meant: null } => (asWords, asWritten),
            { IsAlone: false } => (Sql.Of($"{asWords}, {asMeant}"), Sql.Of($"{asWritten} union all {meant}")),
            { Any: null } => (asMeant, meant),
            { Meant: null } => (asAny, Sql.Of($"with likely as (select where false) {any}")),
            _ => (Sql.Of($"{asMeant}, {asAny}"), Sql.Of($"with likely as materialized ({meant} limit {Depth}) select id, score from likely union all {any}")),
        };
        // Every word of a name is known, but for those longer than any that is kept, which are found as in a text: so where all that begin so are looked for, that is enough.
        var named = Sql.Raw(string.Join(", ", ((string[])[
            .. asked.IsAlone ? (string[])[] : [InNames("in_name", "whole", words.IsSameInNames ? "everywhere" : "begun_in_name"), RatedBy("everywhere")],
            .. asked.Meant is null ? (string[])[] : [InNames("meant_in_name", "whole_meant", "meant"), RatedBy("meant")],
            .. asked.Any is null ? (string[])[] : [InNames("any_of_in_name", "whole_any_of", "any_of"), RatedBy("any_of")],
        ])));
        return Sql.Of($"""
            with begun as materialized ({words.BegunAsValues()}), given as materialized (select {given}), asked as materialized (select given.*, {named} from given, begun),
                found as materialized ({ways} limit {Depth})
            """);
    }

    /// <summary>The ways to what was not written.</summary>
    private static Sql Otherwise(string column, Sql from, Sql where)
    {
        var (inName, begun, whole) = (Sql.Raw($"s.name_terms @@ (select {column}_in_name from asked)"), Sql.Raw($"s.terms @@ (select {column} from asked)"), Sql.Raw($"s.terms @@ (select whole_{column} from asked)"));
        var rank = Rank(column, 500_000);
        return Sql.Of($"""
            (select s.product_id as id, 500000 + {rank} as score from {from} where {inName} and {where} limit {Depth})
            union all
            (select s.product_id, {rank} from {from} where {whole} and not ({inName}) and {where} limit {Depth})
            union all
            (select s.product_id, {rank} from {from} where (select is_open from begun) and {begun} and not ({whole}) and not ({inName}) and {where} limit {Depth})
            """);
    }

    /// <summary>
    /// The rank of full text, which is below 1, orders those that are alike otherwise: how often, where, and in how long a text the words stand. Each by itself: how near they stand to
    /// each other is a comparison of every place with every place, and takes longer than all the rest.
    /// </summary>
    private static Sql Rank(string column, int below) =>
        Sql.Raw($"least({below - 1}, (ts_rank('{{0.05,0.2,0.5,1}}', s.terms, (select {column}_rated from asked), 1) * {below})::bigint)");

    private static string RatedBy(string column) => $"replace(given.{column}::text, '&', '|')::tsquery as {column}_rated";

    private static string InNames(string column, string whole, string begun) => $"case when begun.are_all then given.{whole} else given.{begun} end as {column}";
}
