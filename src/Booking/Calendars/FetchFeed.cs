using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Asks a calendar elsewhere when it is busy, with no transaction open, and closes the listing then. One that cannot be read leaves all as it was.</summary>
internal sealed class FetchFeed(Db db, FeedLine line, Closing closing, IMail mail, TimeProvider clock, IOptions<BookingSettings> settings) : ICallOut<FetchFeed.Message, FetchFeed.Outcome?>
{
    public const string Kind = "booking.fetch-feed";

    /// <summary>Calendars that are asked at once, in a process: those that hang leave places to what else people named.</summary>
    public const int AtOnce = 3;

    /// <summary>What is closed reaches so far beyond the last day on which a booking may begin.</summary>
    private const int DaysBeyondHorizon = 366;

    internal sealed record Message(Guid FeedId);

    /// <summary>What came of it.</summary>
    /// <param name="Url">Where it was asked.</param>
    /// <param name="Answer">What was answered; null where nothing good was.</param>
    /// <param name="Busy">When it is busy; null where that has not changed.</param>
    /// <param name="Error">Why it could not be read.</param>
    /// <param name="Detail">The same in words.</param>
    /// <param name="ReadAs">Of which unit and time zone the listing was when it was read: days of a calendar are the listing's.</param>
    internal sealed record Outcome(string Url, FeedAnswer? Answer, IReadOnlyList<Period>? Busy, FeedError? Error, string Detail = "", ReadAs? ReadAs = null);

    /// <summary>What a listing's days depend on.</summary>
    internal sealed record ReadAs(RentalUnit Unit, string TimeZone)
    {
        public static ReadAs Of(Listing listing) => new(listing.Unit, listing.TimeZone);
    }

    public async Task<Outcome?> Call(Message message, CancellationToken ct)
    {
        if (await db.Set<Feed>().AsNoTracking().SingleOrDefaultAsync(feed => feed.Id == message.FeedId, ct) is not { } feed
            || await db.Set<Listing>().AsNoTracking().SingleOrDefaultAsync(listing => listing.Id == feed.ListingId && listing.ArchivedAt == null, ct) is not { } listing)
            return null;
        if (listing.IsPooled)
            return new(feed.Url, Answer: null, Busy: null, FeedError.TooManyUnits, "The listing has units that are counted and not told apart.");
        try
        {
            var now = clock.GetUtcNow();
            var (version, lastModified) = feed.Known(now);
            var answer = await line.Fetch(feed.Url, version, lastModified, ct);
            return new(feed.Url, answer, answer.Text is null ? null : new CalendarReader(listing, Window(listing, now)).Busy(answer.Text), Error: null, ReadAs: ReadAs.Of(listing));
        }
        catch (FeedException error)
        {
            return new(feed.Url, Answer: null, Busy: null, error.Error, error.Message);
        }
    }

    public async Task Write(Message message, Outcome? outcome, CancellationToken ct)
    {
        if (outcome is null || await db.ReadFirst($"select listing_id from booking.feeds where id = {message.FeedId}", row => (Guid?)row.GetGuid(0), ct) is not { } listingId
            || await Listing.Lock(db, listingId, ct) is not { ArchivedAt: null } listing)
            return;
        // Meanwhile it may be gone, or lie elsewhere: then somebody else asks there.
        if (await db.Set<Feed>().SingleOrDefaultAsync(feed => feed.Id == message.FeedId && feed.Url == outcome.Url, ct) is not { } feed)
            return;
        var (now, every) = (clock.GetUtcNow(), TimeSpan.FromMinutes(settings.Value.FeedMinutes));
        if (outcome.Error is { } error)
        {
            if (feed.Fail(error, outcome.Detail, now, every))
                mail.Send(listing.OwnerId, FeedFailed.Of(listing.Title, feed.Name, error));
            return;
        }

        // Its owner changed meanwhile what its days are: what was read lies wrongly, and is read again.
        if (outcome.ReadAs != ReadAs.Of(listing))
        {
            db.Schedule(Kind, message, now);
            return;
        }

        feed.Succeed(outcome.Busy is not null, outcome.Answer!.Version, outcome.Answer.LastModified, now, every);
        if (listing.IsPooled)
            return;
        if (outcome.Busy is { } busy)
            await closing.Replace(listing, feed, busy, ct);
        else
            await closing.Apply(listing, ct);
    }

    /// <summary>The time that is looked at: from today on for as long as anything can be booked.</summary>
    public static Period Window(Listing listing, DateTimeOffset now)
    {
        var (clock, today) = (listing.Clock, listing.Clock.DayOf(now));
        return clock.Days(today, today.AddDays(listing.Terms.HorizonDays + DaysBeyondHorizon));
    }
}
