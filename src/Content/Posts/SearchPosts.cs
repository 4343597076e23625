using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>
/// Searches published posts, the best first: what is called exactly so, what begins so, what has all words in its title, then in its tags and its text. Accents and case do not matter, nor whether it is one
/// or many; where next to nothing is found, typing errors are forgiven. A search goes 500 posts deep: its total says no more, whatever there is.
/// </summary>
internal static class SearchPosts
{
    /// <summary>Posts that are put in order.</summary>
    internal const int Depth = 500;

    /// <summary>With fewer than these, what was meant is looked for too.</summary>
    private const int Enough = 3;

    private const string Order = "-relevance";

    internal sealed record Query : PostFilter
    {
        /// <summary>Words, the last of which may be only begun. What is neither a letter nor a digit only parts them.</summary>
        [Required, StringLength(WantedWords.LongestQuery, MinimumLength = 1)]
        public required string Q { get; init; }

        internal int Size => Limit ?? DefaultLimit;
    }

    public static async Task<Ok<Page<ListedPost>>> Handle([AsParameters] Query query, Db db, IFiles files, Authors authors, CancellationToken ct)
    {
        if (query.Sort is not null and not Order)
            throw new InvalidException("sort", "must be -relevance: a search has one order. The list's own search has the others.");
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");
        var place = PlaceOf(query);
        if (WantedWords.Of(query.Q, "content") is not { } wanted)
            return TypedResults.Ok(new Found([], 0, HasNext: false, null).PageOf(query));

        var found = await Find(new(wanted, Otherwise: null), query, place, db, files, ct);
        if (found.Total < Enough)
        {
            var meant = await Spelling.Meant(db, wanted, ct);
            if (meant.Count > 0)
                found = await Find(new(wanted, wanted.MeantAsValues(meant)), query, place, db, files, ct);
            if (found.Total == 0 && wanted.All.Length > 1)
                found = await Find(new(wanted, wanted.AnyAsValues(meant)), query, place, db, files, ct);
        }

        return TypedResults.Ok(await authors.Sign(found.PageOf(query), ct));
    }

    /// <summary>The whole search as one statement, the same for all words, so that it is planned once for a connection. Every way in is an index, and goes no deeper than it says.</summary>
    /// <param name="asked">What is searched for.</param>
    /// <param name="filter">What else must hold.</param>
    internal static Sql Ranked(Asked asked, PostFilter filter)
    {
        var (title, begin, end) = (asked.Words.Text, asked.Words.Text + " ", asked.Words.Text + char.ConvertFromUtf32(0x10FFFF));
        var (from, where) = (Sql.Raw("content.post_search s"), Sql.Raw("s.is_published"));
        if (filter.Author is { } author)
            (from, where) = (Sql.Of($"{from} join content.posts p on p.id = s.post_id"), Sql.Of($"{where} and p.author_id = {author}"));
        if (filter.Tag is { } tag)
            (from, where) = (Sql.Of($"{from} join content.post_tags x on x.post_id = s.post_id"), Sql.Of($"{where} and x.tag_id = {PostTags.IdOf(tag)}"));
        var begins = Sql.Of($"s.title >= {title} and s.title < {end}");
        // Nothing is looked for with a word that is nowhere: reading all that begins as the last word does takes long.
        var occur = Sql.Raw("(select occur from asked)");
        var inTitle = Sql.Raw("s.title_terms @@ (select in_name from asked)");
        var everywhere = Sql.Raw("s.terms @@ (select everywhere from asked)");
        // The rank of full text, which is below 1, orders those that are alike otherwise: how often, where, and in how long a text the words stand.
        var rank = Sql.Raw("least(999999, (ts_rank('{0.05,0.2,0.5,1}', s.terms, (select everywhere from asked), 1) * 1000000)::bigint)");

        var meant = Sql.Raw("(select otherwise from asked)");
        var isMeant = Sql.Raw("(select otherwise is not null from asked)");
        var near = Sql.Raw("least(499999, (ts_rank('{0.05,0.2,0.5,1}', s.terms, (select otherwise from asked), 1) * 500000)::bigint)");

        // Of titles that begin alike the shortest is the nearest. They are found in the index alone, in its order, before anything else of them is read.
        var ways = Sql.Of($"""
            (select s.post_id as id, case when s.title = {title} then 6 when starts_with(s.title, {begin}) then 5 else 4 end * 1000000 + (999 - length(s.title)) * 1000 + {rank} / 1001 as score
                from (select s.post_id from {from} where {begins} and {where} order by s.title, s.post_id limit {Depth}) begun join content.post_search s using (post_id))
            union all
            (select s.post_id, case when s.title_terms @@ (select whole_in_name from asked) then 3 else 2 end * 1000000 + {rank} from {from} where {occur} and {inTitle} and not ({begins}) and {where} limit {Depth})
            union all
            (select s.post_id, 1000000 + {rank} from {from} where {occur} and {everywhere} and not ({begins}) and not ({inTitle}) and {where} limit {Depth})
            union all
            (select s.post_id, 500000 + {near} from {from} where {isMeant} and s.title_terms @@ {meant} and not ({begins}) and not ({inTitle}) and not ({everywhere}) and {where} limit {Depth})
            union all
            (select s.post_id, {near} from {from} where {isMeant} and s.terms @@ {meant} and not (s.title_terms @@ {meant}) and not ({begins}) and not ({inTitle}) and not ({everywhere}) and {where} limit {Depth})
            """);
        // A way is not gone where the ones before it fill the depth.
        return Sql.Of($"""
            with asked as materialized (
                select {asked.Words.EverywhereAsValues()} as everywhere, {asked.Words.InNameAsValues()} as in_name, {asked.Words.WholeInNameAsValues()} as whole_in_name, {asked.Otherwise ?? Sql.Raw("null::tsquery")} as otherwise,
                    coalesce((select bool_and(exists (select from content.post_search s where s.terms @@ content.wanted(word, false))) from unnest({asked.Words.All[..^1]}) as word), true) as occur
            ), found as materialized ({ways} limit {Depth})
            """);
    }

    private static async Task<Found> Find(Asked asked, Query query, (long Score, Guid Id)? place, Db db, IFiles files, CancellationToken ct)
    {
        var seek = place is { } after ? Sql.Of($"where (score, id) < ({after.Score}, {after.Id})") : Sql.Nothing;
        var offset = ((query.Page ?? 1) - 1L) * query.Size;
        var rows = new List<ListedPost>(query.Size);
        var (total, hasNext, next) = (0L, false, default(string));
        await db.ReadingRanked(
            [
                $"""
                {Ranked(asked, query)}
                select {ListedPost.Columns}, page.score, counted.total
                from (select count(*) as total from found) counted
                left join (select id, score from found {seek} order by score desc, id desc limit {query.Size + 1} offset {offset}) page on true
                left join content.posts p on p.id = page.id
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
                    rows.Add(ListedPost.Read(reader, files));
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
    /// <param name="Otherwise">A <c>tsquery</c> of what may have been meant, or of any of them; null where it is not looked for.</param>
    internal sealed record Asked(WantedWords Words, Sql? Otherwise);

    private sealed record Found(IReadOnlyList<ListedPost> Rows, long Total, bool HasNext, string? Next)
    {
        public Page<ListedPost> PageOf(Query query) => new(Rows, query.After is null
            ? new PageMeta(query.Page ?? 1, query.Size, Total, (Total + query.Size - 1) / query.Size, HasNext, Next)
            : new PageMeta(null, query.Size, null, null, HasNext, Next));
    }
}
