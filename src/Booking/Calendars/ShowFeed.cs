using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Shows a calendar elsewhere that closes a listing, to its owner.</summary>
internal static class ShowFeed
{
    public static async Task<Results<Ok<FeedDetails>, NotFound>> Handle(Guid id, Guid feedId, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        await db.ReadFirst(
            $"select {FeedDetails.Columns(clock.GetUtcNow())} from booking.feeds f join booking.listings l on l.id = f.listing_id where f.id = {feedId} and l.id = {id} and l.archived_at is null and {Feed.IsOf(caller)}",
            FeedDetails.Read, ct) is { } feed ? TypedResults.Ok(feed) : TypedResults.NotFound();
}
