using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Offers what is free of a listing to those who wait for it, in their turn. However often and at how many processes it is asked for, each is offered their wish once.</summary>
internal sealed class OfferTime(Db db, Line line, Ending ending, TimeProvider clock) : IHandle<TimeFreed>, IHandle<OfferTime.Message>
{
    public const string Kind = "booking.offer-time";

    /// <summary>The kind under which freed time is heard of.</summary>
    public const string FreedKind = "booking.offer-freed-time";

    internal sealed record Message(Guid ListingId);

    public Task Handle(TimeFreed message, CancellationToken ct) => Offer(message.ListingId, ct);

    public Task Handle(Message message, CancellationToken ct) => Offer(message.ListingId, ct);

    private async Task Offer(Guid listingId, CancellationToken ct)
    {
        // Whoever joins the line holds the lock and finds the time taken, so they are seen here: the time was freed by a commit of before.
        var anybody = await db.ReadFirst($"select exists (select from booking.waits where listing_id = {listingId} and status = 'waiting' and starts_at > {clock.GetUtcNow()})", row => row.GetBoolean(0), ct);
        if (!anybody || await Listing.Lock(db, listingId, ct) is not { IsShown: true } listing)
            return;
        await ending.EndLapsed(listing, ct);
        await line.OfferAll(listing, clock.GetUtcNow(), ct);
    }
}

/// <summary>Looks again at every listing that somebody waits for: time becomes free also where nobody says so, such as by a unit more or a listing that is shown again.</summary>
internal sealed class OfferTimes(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "booking.offer-times";

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var id in await db.Read($"select distinct listing_id from booking.waits where status = 'waiting' and starts_at > {now} order by 1", row => row.GetGuid(0), ct))
            db.Schedule(OfferTime.Kind, new OfferTime.Message(id), now, $"{OfferTime.Kind}:{id}");
    }
}
