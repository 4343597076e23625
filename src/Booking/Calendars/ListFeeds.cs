using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Lists the calendars elsewhere that close a listing, and how it stands with each.</summary>
internal static class ListFeeds
{
    private static readonly SortField[] Sorts = [new("createdAt", "f.created_at", "timestamptz"), new("-createdAt", "f.created_at", "timestamptz"), new("name", "f.name", "text")];

    internal sealed record Query : PageQuery;

    public static async Task<Results<Ok<Page<FeedDetails>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.ReadFirst($"select 1 from booking.listings l where l.id = {id} and l.archived_at is null and {Feed.IsOf(caller)}", row => row.GetInt32(0), ct) == 0)
            return TypedResults.NotFound();
        return TypedResults.Ok(await db.List(query, FeedDetails.Columns(clock.GetUtcNow()), Sql.Raw("booking.feeds f"), Sql.Of($"f.listing_id = {id}"), "f.id", Sorts, FeedDetails.Read, ct));
    }
}
