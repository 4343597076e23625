using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking;

/// <summary>What other modules get behind <see cref="IBookings"/>.</summary>
internal sealed class BookingContract(Db db, Booker booker, FreeTimes freeTimes, TimeProvider clock) : IBookings
{
    public async Task<PricedRental> Price(WantedRental wanted, CancellationToken ct)
    {
        if (await Listing.Find(db, wanted.ListingId, ct) is not { IsShown: true } listing)
            return new(Title: null, Total: null, [], [("unknown_listing", "There is no such listing to be booked.")]);
        var (offer, refusals) = await freeTimes.Judge(listing, WishOf(wanted), clock.GetUtcNow(), ct);
        return new(
            listing.Title, new(offer.Total, listing.Currency), [.. offer.Lines.Select(line => (line.Rule.Name(), line.Name, new SignedMoney(line.Amount, listing.Currency)))],
            [.. refusals.Select(refusal => (refusal.Code, refusal.Message))]);
    }

    public Task<BookingBrief?> Brief(Guid bookingId, CancellationToken ct) => db.ReadFirst(
        $"""
        select b.code, b.title, not b.instant, exists (select from booking.booking_events e where e.booking_id = b.id and e.status in ('requested', 'paid', 'confirmed'))
        from booking.bookings b where b.id = {bookingId}
        """, row => new BookingBrief(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3)), ct);

    public async Task LockListings(IReadOnlyCollection<Guid> listingIds, CancellationToken ct) =>
        await db.Read($"select id from booking.listings where id = any({listingIds.Distinct().ToArray()}) order by id for no key update", row => row.GetGuid(0), ct);

    public async Task<(Guid BookingId, Money Total)> Hold(WantedRental wanted, Guid renterId, Guid basketId, DateTimeOffset payBy, CancellationToken ct)
    {
        var booking = await booker.Book(wanted.ListingId, WishOf(wanted), renterId, basketId, _ => payBy, clock.GetUtcNow(), ct);
        return (booking.Id, new(booking.Total, booking.Currency));
    }

    private static WantedPeriod WishOf(WantedRental wanted) => new(
        wanted.StartDate, wanted.EndDate, wanted.StartAt, wanted.EndAt, wanted.Quantity, wanted.AddOns is null ? null : Array.ConvertAll(wanted.AddOns, addOn => new WantedAddOn(addOn.Id, addOn.Quantity)),
        wanted.Guests, wanted.Notes);
}
