using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Takes a calendar elsewhere away. What it alone had closed is open again.</summary>
internal static class DeleteFeed
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Guid feedId, Caller caller, Db db, Closing closing, CancellationToken ct)
    {
        if (await Feed.Lock(db, id, feedId, caller, ct) is not var (feed, listing))
            return TypedResults.NotFound();
        await closing.Remove(listing, feed, ct);
        return TypedResults.NoContent();
    }
}
