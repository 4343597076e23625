using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Changes a calendar elsewhere. One that lies elsewhere now is read there at once; until then what was known of it holds.</summary>
[Refuses("feed_known")]
internal static class ChangeFeed
{
    /// <param name="Name">What its owner calls it.</param>
    /// <param name="Url">Where it is: https, or webcal, which is taken for https.</param>
    internal sealed record Request([StringLength(100, MinimumLength = 1)] Patch<string> Name = default, [StringLength(2000, MinimumLength = 8)] Patch<string> Url = default);

    public static async Task<Results<Ok<FeedDetails>, NotFound>> Handle(
        Guid id, Guid feedId, Request request, Caller caller, Db db, TimeProvider clock, OutsideHttp outside, CancellationToken ct)
    {
        var (url, now) = (request.Url.IsSet ? FeedAddress.Require(request.Url.Value, outside) : null, clock.GetUtcNow());
        if (await Feed.Lock(db, id, feedId, caller, ct) is not var (feed, _))
            return TypedResults.NotFound();
        if (url is not null && url != feed.Url)
        {
            if (await db.Set<Feed>().AnyAsync(other => other.ListingId == id && other.Url == url, ct))
                throw new RefusedException("feed_known", "The listing has that calendar already.");
            feed.MoveTo(url);
            db.Schedule(FetchFeed.Kind, new FetchFeed.Message(feedId), now);
        }

        (feed.Name, feed.UpdatedAt) = (request.Name.Or(feed.Name), now);
        await db.Flush(ct);
        return TypedResults.Ok(await FeedDetails.Find(db, feedId, now, ct));
    }
}
