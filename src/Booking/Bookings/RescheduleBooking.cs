using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>
/// Gives a booking another time, at today's price, with the same units and add-ons. Where that costs more, the other time is held beside the old one until the difference is paid, and the booking stays
/// what it was if it is not; where it costs less, the difference goes back by the policy. Its renter does this where it is instant; its owner always, and then nobody pays more.
/// </summary>
[Refuses("invalid_transition"), Refuses("needs_owner"), Refuses("change_waits"), Refuses("slot_taken"), Refuses("too_soon"), Refuses("too_far_ahead"), Refuses("too_short"), Refuses("too_long"),
 Refuses("start_day_not_offered"), Refuses("not_enough_units"), Refuses("too_many_guests"), Refuses("unknown_add_on"), Refuses("add_on_taken"), Refuses("total_too_large"), Refuses("paid_by_basket"), Refuses("currency_mismatch")]
internal static class RescheduleBooking
{
    /// <param name="StartDate">The first day, of what is rented by the day.</param>
    /// <param name="EndDate">The last day, inclusive.</param>
    /// <param name="StartAt">The beginning, of what is rented by the hour.</param>
    /// <param name="EndAt">The end, exclusive.</param>
    internal sealed record Request(DateOnly? StartDate = null, DateOnly? EndDate = null, DateTimeOffset? StartAt = null, DateTimeOffset? EndAt = null);

    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(
        Guid id, Request request, Caller caller, Db db, Holds holds, Ending ending, Settling settling, TimeProvider clock, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Reservation.Lock(db, id, ct) is not var (booking, listing) || By.Of(caller, booking) is not { } by)
            return TypedResults.NotFound();
        RequireMovable(booking, listing, by, now);
        await ending.EndLapsed(listing, ct);
        if (await Change.Waiting(db, booking.Id, ct) is { } waiting)
            throw new RefusedException("change_waits", "Another time waits to be paid.") { Facts = Offer.Facts(("bookingChangeId", waiting.Id)) };

        var wanted = new WantedPeriod(request.StartDate, request.EndDate, request.StartAt, request.EndAt, booking.Quantity, [.. booking.AddOns.Select(addOn => new WantedAddOn(addOn.Id, addOn.Quantity))], booking.Guests);
        var offer = Offer.Of(listing, wanted, now).Require();
        var units = await holds.TakeBeside(listing, booking, offer.Period, now, ct);
        var held = listing.Clock.WithBuffers(offer.Period);
        // The deposit was agreed on, and is not paid again.
        IReadOnlyList<PriceLine> lines = Repriced(offer.Lines, booking);
        var total = lines.Sum(line => line.Amount);
        if (total > booking.Total && by.Actor != Actor.Renter)
            (lines, total) = (booking.Lines, booking.Total);

        if (total > booking.Total)
        {
            db.Add(new Change
            {
                Id = Guid.CreateVersion7(now),
                BookingId = booking.Id,
                StartsAt = offer.Period.From,
                EndsAt = offer.Period.Until,
                HeldFrom = held.From,
                HeldUntil = held.Until,
                Units = units,
                Lines = lines,
                Total = total,
                Difference = total - booking.Total,
                ExpiresAt = now + TimeSpan.FromMinutes(settings.Value.UnpaidMinutes),
                MadeBy = by.Actor,
                CreatedAt = now,
            });
            db.Announce(booking.Announcement);
            return await booking.Shown(db, ct);
        }

        await holds.Keep(booking, (units, held), booking.Held, ct);
        var (left, less) = (booking.Period, booking.Total - total);
        var back = by.Actor == Actor.Renter ? Reservation.Shared(less, booking.PercentBack(now)) : less;
        booking.Move(offer.Period, held, units, lines, total, by, now);
        await settling.Refund(booking, Math.Min(back, booking.Kept), Reservation.Rescheduled, ct);
        db.Publish(booking.Changed);
        db.Publish(new TimeFreed(booking.ListingId, left.From, left.Until));
        return await booking.Shown(db, ct);
    }

    private static void RequireMovable(Reservation booking, Listing listing, By by, DateTimeOffset now)
    {
        if (booking.Status != BookingStatus.Confirmed || booking.StartsAt <= now)
            throw new RefusedException("invalid_transition", "Only a confirmed booking that has not begun gets another time.");
        if (listing.Currency != booking.Currency)
            throw new RefusedException("currency_mismatch", "By now it is rented out in another currency: cancel it, and book the other time.");
        if (booking.BasketId is not null)
            throw new RefusedException("paid_by_basket", "It was paid with a basket: cancel it, and book the other time.");
        if (by.Actor == Actor.Renter && !listing.Instant)
            throw new RefusedException("needs_owner", "Its owner is asked for each time: ask them to move it.");
    }

    private static List<PriceLine> Repriced(IReadOnlyList<PriceLine> lines, Reservation booking)
    {
        List<PriceLine> repriced = [.. lines.Where(line => line.Rule != PriceRule.Deposit)];
        repriced.AddRange(booking.Lines.Where(line => line.Rule == PriceRule.Deposit));
        return repriced;
    }
}
