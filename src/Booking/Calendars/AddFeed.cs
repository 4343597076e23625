using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Adds a calendar elsewhere (iCalendar, RFC 5545): while it is busy, the listing is closed. It is read at once, and again and again.</summary>
[Refuses("too_many_feeds"), Refuses("too_many_units"), Refuses("feed_known")]
internal static class AddFeed
{
    /// <param name="Name">What its owner calls it.</param>
    /// <param name="Url">Where it is: https, or webcal, which is taken for https.</param>
    internal sealed record Request([Required, StringLength(100, MinimumLength = 1)] string Name, [Required, StringLength(2000, MinimumLength = 8)] string Url);

    public static async Task<Results<Created<FeedDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, TimeProvider clock, OutsideHttp outside, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        var (url, now) = (FeedAddress.Require(request.Url, outside), clock.GetUtcNow());
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();
        if (listing.IsPooled)
            throw new RefusedException("too_many_units", $"A calendar closes a listing of up to {Listing.MostToldApart} units.");
        var known = await db.Set<Feed>().AsNoTracking().Where(feed => feed.ListingId == id).Select(feed => feed.Url).ToListAsync(ct);
        if (known.Contains(url, StringComparer.Ordinal))
            throw new RefusedException("feed_known", "The listing has that calendar already.");
        if (known.Count >= Feed.AtMost)
            throw new RefusedException("too_many_feeds", $"There are {Feed.AtMost} calendars already; delete one first.");

        var feed = new Feed { Id = Guid.CreateVersion7(now), ListingId = id, Name = request.Name, Url = url, DueAt = now.AddMinutes(settings.Value.FeedMinutes), CreatedAt = now, UpdatedAt = now };
        db.Add(feed);
        db.Schedule(FetchFeed.Kind, new FetchFeed.Message(feed.Id), now);
        await db.Flush(ct);
        return TypedResults.Created($"/api/v1/listings/{id}/feeds/{feed.Id}", await FeedDetails.Find(db, feed.Id, now, ct));
    }
}
