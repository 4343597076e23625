using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Takes a booking: judges the wish, ends what has lapsed, and holds what is wanted or asks for it. All of it under the listing's lock.</summary>
internal sealed class Booker(Db db, Holds holds, FreeTimes freeTimes, Ending ending)
{
    /// <summary>Makes a booking.</summary>
    /// <param name="listingId">Of what.</param>
    /// <param name="wanted">When, how much, with what.</param>
    /// <param name="renterId">For whom.</param>
    /// <param name="basketId">The basket that it is held with and paid in; then it is held also where its owner is asked.</param>
    /// <param name="expiresAt">Until when it waits.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException">409, with the rule's name.</exception>
    public async Task<Reservation> Book(Guid listingId, WantedPeriod wanted, Guid renterId, Guid? basketId, Func<Listing, DateTimeOffset> expiresAt, DateTimeOffset now, CancellationToken ct)
    {
        if (await Listing.Lock(db, listingId, ct) is not { IsShown: true } listing)
            throw new RefusedException("unknown_listing", "There is no such listing to be booked.") { Facts = Offer.Facts(("listingId", listingId)) };
        if (listing.OwnerId == renterId)
            throw new RefusedException("own_listing", "The listing is your own: close its time with a block.");
        var offer = Offer.Of(listing, wanted, now).Require();
        await ending.EndLapsed(listing, ct);
        var commission = await db.ReadFirst($"select commission from booking.categories where slug = {listing.Category}", row => row.GetInt32(0), ct);
        var booking = Reservation.Make(listing, commission, renterId, wanted, offer, basketId, now, expiresAt(listing));
        if (booking.Holds)
            booking.Take(await holds.Take(listing, booking, now, ct), now);
        else if (FreeTimes.FreeUnits(listing, await freeTimes.Taken(listing, booking.Held, ct), booking.Held) < booking.Quantity)
            throw await holds.Taken(listing, booking.Period, booking.Quantity, now, ct);
        db.Add(booking);
        db.Publish(new BookingMade(booking.Id, booking.ListingId, booking.OwnerId, booking.RenterId, booking.Status.Name()));
        return booking;
    }
}
