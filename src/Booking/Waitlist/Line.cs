using Microsoft.Extensions.Options;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Letters;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Those who wait for time of a listing. Whoever changes the line, or takes or frees time, holds the listing's lock: so who is first stays first while they are offered what is free.</summary>
internal sealed class Line(Db db, Holds holds, FreeTimes freeTimes, IMail mail, IOptions<BookingSettings> settings)
{
    /// <summary>Wishes that wait for one listing at the most.</summary>
    public const int AtMost = 200;

    /// <summary>Of them, so many of one person.</summary>
    public const int OfOnePerson = 10;

    /// <summary>Whether all of a wish is free now: the units with what stays free around them, and the add-ons. The listing is locked by the caller.</summary>
    public async Task<bool> IsFree(Listing listing, Offer offer, int quantity, CancellationToken ct)
    {
        var held = listing.Clock.WithBuffers(offer.Period);
        if (FreeTimes.FreeUnits(listing, await freeTimes.Taken(listing, held, ct), held) < quantity)
            return false;
        DateTimeOffset[] cells = [.. listing.Clock.Cells(held)];
        foreach (var addOn in offer.AddOns.Where(addOn => addOn.IsCounted))
        {
            var taken = await db.ReadFirst($"select coalesce(max(taken), 0) from booking.counts where resource_id = {addOn.Id} and at = any({cells})", row => row.GetInt32(0), ct);
            if (taken + addOn.Quantity > listing.Terms.AddOns.First(offered => offered.Id == addOn.Id).Stock)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Goes down the line and holds for each what is wholly free for them, once, and tells them. Whose wish is not free, or stands against a rule of the listing now, stays in line. The listing is locked
    /// by the caller, and what of it had lapsed is ended.
    /// </summary>
    public async Task OfferAll(Listing listing, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.Read(
            $"select id, person_id, wish::text from booking.waits where listing_id = {listing.Id} and status = 'waiting' and starts_at > {now} order by place limit {AtMost}",
            row => (Id: row.GetGuid(0), PersonId: row.GetGuid(1), Wish: Wait.Wish(row.GetString(2))), ct);
        foreach (var (id, personId, wish) in waiting)
            if (WhatIsOffered(listing, wish, now) is { } offer && await IsFree(listing, offer, wish.Quantity, ct))
                await Hold(listing, id, personId, wish, offer, now, ct);
    }

    private static Offer? WhatIsOffered(Listing listing, WantedPeriod wish, DateTimeOffset now)
    {
        try
        {
            var offer = Offer.Of(listing, wish, now);
            return offer.Refusals.Count == 0 ? offer : null;
        }
        catch (InvalidException)
        {
            // The listing is rented in other units by now.
            return null;
        }
    }

    private async Task Hold(Listing listing, Guid id, Guid personId, WantedPeriod wish, Offer offer, DateTimeOffset now, CancellationToken ct)
    {
        // Whoever goes takes their place along: a wait that is gone meanwhile is not offered anything.
        if (!await db.ReadFirst($"select true from booking.waits where id = {id} and status = 'waiting' for update", row => row.GetBoolean(0), ct))
            return;
        var commission = await db.ReadFirst($"select commission from booking.categories where slug = {listing.Category}", row => row.GetInt32(0), ct);
        var until = now + TimeSpan.FromMinutes(settings.Value.OfferMinutes);
        var booking = Reservation.Make(listing, commission, personId, wish, offer, basketId: null, now, until, isOffered: true);
        if (await holds.TryTake(listing, booking, now, ct) is not { } units)
            return;
        booking.Take(listing.IsPooled ? null : units, now);
        db.Add(booking);
        db.Publish(new BookingMade(booking.Id, booking.ListingId, booking.OwnerId, booking.RenterId, booking.Status.Name()));
        // It names the booking, and so comes after it.
        db.Write($"update booking.waits set status = 'offered', booking_id = {booking.Id}, updated_at = {now} where id = {id}");
        mail.Send(personId, new TimeOffered(BookingFacts.Of(booking), booking.ExpiresAt), booking.ExpiresAt);
        await db.Flush(ct);
    }
}
