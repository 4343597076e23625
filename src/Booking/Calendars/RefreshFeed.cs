using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Has a calendar elsewhere read now, in the background.</summary>
internal static class RefreshFeed
{
    public static async Task<Results<Accepted<FeedDetails>, NotFound>> Handle(Guid id, Guid feedId, Caller caller, Db db, TimeProvider clock, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        if (await Feed.Lock(db, id, feedId, caller, ct) is not var (feed, _))
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        feed.DueAt = now.AddMinutes(settings.Value.FeedMinutes);
        db.Schedule(FetchFeed.Kind, new FetchFeed.Message(feedId), now);
        await db.Flush(ct);
        return TypedResults.Accepted($"/api/v1/listings/{id}/feeds/{feedId}", await FeedDetails.Find(db, feedId, now, ct));
    }
}
