using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Finds the calendars elsewhere that are due, and has each asked as a job of its own.</summary>
internal sealed class RefreshFeeds(Db db, TimeProvider clock, IOptions<BookingSettings> settings) : IHandle<Tick>
{
    public const string Kind = "booking.refresh-feeds";

    /// <summary>How often it looks; how often each is asked is a setting.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Calendars a tick; the next one takes the rest.</summary>
    private const int AtMost = 200;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Put off as it is taken, so that none is asked twice; what comes of it says when it is next due.
        var due = await db.Read(
            $"""
            update booking.feeds set due_at = {now.AddMinutes(settings.Value.FeedMinutes)}
            where id in (
                select f.id from booking.feeds f where f.due_at <= {now} and exists (select from booking.listings l where l.id = f.listing_id and l.archived_at is null)
                order by f.due_at limit {AtMost} for update skip locked)
            returning id
            """, row => row.GetGuid(0), ct);
        foreach (var id in due)
            db.Schedule(FetchFeed.Kind, new FetchFeed.Message(id), now);
    }
}
