using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Categories;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>
/// Lists what is offered: by category, city, surroundings, price, words, and what is free for the whole of a time. By relevance where words are searched for, by distance where it is
/// looked for around a place, the newest first otherwise; sorts by price, -price, rating, distance, newest or relevance. A page by number goes 500 listings deep, and its total says no more;
/// a cursor goes to the end. Admins may ask for what waits to be approved.
/// </summary>
internal static class SearchListings
{
    /// <summary>Listings that are counted, and paged through by number.</summary>
    internal const int Depth = 500;

    /// <summary>Listings with the words that are searched for, at the most: what more of them fit, a better word or a filter finds.</summary>
    internal const int HitsAtMost = Depth;

    /// <summary>With fewer than these, what was meant is looked for too.</summary>
    private const int Enough = 3;

    internal sealed record Query : PageQuery
    {
        /// <summary>The slug of a category.</summary>
        [StringLength(ListingCategory.LongestSlug, MinimumLength = 1)]
        public string? Category { get; init; }

        /// <summary>A city, whatever its accents and case; what stands behind its name, such as a state, is of no matter.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Location { get; init; }

        /// <summary>A place to look around: latitude and longitude in degrees, such as <c>-8.05,-34.88</c>.</summary>
        [StringLength(60, MinimumLength = 3)]
        public string? Near { get; init; }

        /// <summary>How far around, in kilometres; 25 without it.</summary>
        [Range(0.1, Surroundings.LongestRadius)]
        public double? RadiusKm { get; init; }

        /// <summary>Only what is rented by the <c>day</c>, or by the <c>hour</c>.</summary>
        [StringLength(10, MinimumLength = 1)]
        public string? Unit { get; init; }

        /// <summary>Minor units; this price of a day or an hour, or above.</summary>
        [Range(0, Money.Most)]
        public long? MinPrice { get; init; }

        /// <summary>Minor units; this price of a day or an hour, or below.</summary>
        [Range(0, Money.Most)]
        public long? MaxPrice { get; init; }

        /// <summary>Only what is free from this day, or from this RFC 3339 time, with <c>to</c>.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? From { get; init; }

        /// <summary>The last day, inclusive; or the time, exclusive.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? To { get; init; }

        /// <summary>Only what is for so many people.</summary>
        [Range(1, 1_000_000)]
        public int? Guests { get; init; }

        /// <summary>Only what there are so many of; with a time, so many free.</summary>
        [Range(1, 10_000)]
        public int? Units { get; init; }

        /// <summary>Only what nobody needs to accept, or only what somebody does.</summary>
        public bool? Instant { get; init; }

        /// <summary>Words in title, category, city or description, whatever their accents and case; the last may be only begun. Typing errors are forgiven where little is found.</summary>
        [StringLength(WantedWords.LongestQuery, MinimumLength = 1)]
        public string? Search { get; init; }

        /// <summary>Only what is <c>pending</c>, <c>approved</c> or <c>rejected</c>, offered or not. Admins only.</summary>
        [StringLength(20, MinimumLength = 1)]
        public string? Approval { get; init; }

        internal int Size => Limit ?? DefaultLimit;
    }

    public static async Task<Ok<Page<ListedListing>>> Handle([AsParameters] Query query, Caller? caller, Db db, IFiles files, Shown shown, CancellationToken ct)
    {
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");
        if (query.Approval is not null && caller?.Is(Roles.Admin) != true)
            throw new InvalidException("approval", "is for admins.");
        var wanted = query.Search is null ? null : WantedWords.Of(query.Search, "booking");
        var search = ListingFilter.Of(query, hasWords: wanted is not null);
        shown.Tag(Listing.All);
        shown.Tag(ListingCategory.All);
        // What is free changes all the time, and there is no end to words and places: answers to those would push others out.
        if (search is not { Time: null, Near: null } || query.Search is not null)
            shown.KeepNothing();

        if (query.Search is not null && wanted is null && !string.IsNullOrWhiteSpace(query.Search))
            return TypedResults.Ok(new Found([], 0, HasNext: false, Next: null).PageOf(query));

        var reading = new Reading(files, ForAdmin: query.Approval is not null);
        var found = await Find(query, search, wanted?.Everywhere(), db, reading, ct);
        if (wanted is not null && await Total(found, wanted.Everywhere()) < Enough)
        {
            var (meant, total) = (await Spelling.Meant(db, wanted, ct), 0L);
            if (meant.Count > 0)
            {
                found = await Find(query, search, wanted.Meant(meant), db, reading, ct);
                total = await Total(found, wanted.Meant(meant));
            }

            if (total == 0 && wanted.All.Length > 1)
                found = await Find(query, search, wanted.Any(meant), db, reading, ct);
        }

        return TypedResults.Ok(found.PageOf(query));

        // A page by cursor counts nothing; what was forgiven on the first page is forgiven on the next.
        async Task<long> Total(Found of, Sql words) => query.After is null ? of.Total : (await Find(query with { After = null, Limit = 1 }, search, words, db, reading, ct)).Total;
    }

    /// <summary>The whole search as one statement: candidates by an index and in their order, and each asked for its free time only until there are enough.</summary>
    internal static Sql Statement(Query query, ListingFilter search, Sql? words)
    {
        var (order, isByNumber) = (search.Order, query.After is null);
        var (offset, most) = isByNumber ? (((query.Page ?? 1) - 1L) * query.Size, Depth + 1) : (0L, query.Size + 1);
        var hits = Sql.Nothing;
        var from = Sql.Of($"booking.listings l where {search.Where}");
        if (words is not null)
        {
            // Each listing with the words is looked up for itself: the planner, who expects more of them than are taken, would read all listings first. The rank of full text is below 1. With all that is asked for and sorted by, so that no listing is looked up again.
            hits = $"""
                hits as materialized (
                    select l.*, (ts_rank('{Sql.Raw("{0.05,0.2,0.5,1}")}', s.terms, {words}, 1) * 1000000)::bigint as score
                    from booking.listing_search s cross join lateral (
                        select l.id, l.created_at, l.price, l.rating_sum, l.rating_count, l.lat, l.lng, {WantedTime.Needed} from booking.listings l where l.id = s.listing_id and {search.Where} limit 1
                    ) l where s.terms @@ {words} limit {HitsAtMost}
                ),
                """;
            from = Sql.Of($"hits l where true");
        }

        var isFree = search.Time?.IsFree(query.Units ?? 1) ?? Sql.Raw("true");
        var distance = search.Near is { } near ? near.Metres : Sql.Raw("null::bigint");
        // Which are found rests on the inner order: what is chosen from one ordered subquery comes in its order, unless it is joined or read by several workers, and a limit inside, which nothing reaches, forbids them to share it.
        // It also keeps the planner from asking before it sorts. Sorted again outside, it would be planned as if all of it were read; ListingPlanTests looks that nothing stands between.
        return Sql.Of($"""
            with {hits} found as materialized (
                select c.id, c.sorted_by from (
                    select l.id, {order.Key} as sorted_by, {WantedTime.Needed} from {from} {order.Seek(query.After)} order by sorted_by {order.Way}, l.id {order.Way} limit 1000000
                ) c where {isFree} limit {most}
            )
            select {ListedListing.Columns}, page.sorted_by, counted.total, {distance}
            from (select count(*) as total from found) counted
            left join (select id, sorted_by from found order by sorted_by {order.Way}, id {order.Way} limit {query.Size + 1} offset {offset}) page on true
            left join booking.listings l on l.id = page.id left join booking.categories k on k.slug = l.category
            order by page.sorted_by {order.Way}, page.id {order.Way}
            """);
    }

    private static async Task<Found> Find(Query query, ListingFilter search, Sql? words, Db db, Reading reading, CancellationToken ct)
    {
        var rows = new List<ListedListing>(query.Size);
        var (total, hasNext, next) = (0L, false, default(string));
        // What is the best way rests on the city, the words and the price. The database would settle for one way for all of them, that through every listing in order, as it cannot know
        // how few a city has. The setting ends with this round trip.
        await db.ReadingPlanned([Db.PlannedAnew(), Statement(query, search, words)], async row =>
        {
            await row.NextResultAsync(CancellationToken.None);
            while (await row.ReadAsync(CancellationToken.None))
            {
                total = row.GetInt64(ListedListing.ColumnCount + 1);
                hasNext = rows.Count == query.Size;
                if (hasNext || row.IsDBNull(0))
                    continue;
                var listing = ListedListing.Read(row, reading.Files, reading.ForAdmin);
                rows.Add(row.IsDBNull(ListedListing.ColumnCount + 2) ? listing : listing with { DistanceKm = Math.Round(row.GetInt64(ListedListing.ColumnCount + 2) / 1000.0, 1) });
                next = search.Order.CursorOf(row, ListedListing.ColumnCount, listing.Id);
            }
        }, ct);
        return new(rows, Math.Min(total, Depth), hasNext, hasNext ? next : null);
    }

    private sealed record Reading(IFiles Files, bool ForAdmin);

    private sealed record Found(IReadOnlyList<ListedListing> Rows, long Total, bool HasNext, string? Next)
    {
        public Page<ListedListing> PageOf(Query query) => new(Rows, query.After is null
            ? new PageMeta(query.Page ?? 1, query.Size, Total, (Total + query.Size - 1) / query.Size, HasNext, Next)
            : new PageMeta(null, query.Size, null, null, HasNext, Next));
    }
}
