using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>What follows when a booking ends before its time: what it holds is free, what waits to be paid is not, and what was paid goes back as far as it does. Booking and listing are locked by the caller.</summary>
internal sealed class Ending(Db db, Holds holds, Settling settling, IPayments payments, TimeProvider clock)
{
    /// <summary>Ends a booking.</summary>
    /// <param name="booking">Which.</param>
    /// <param name="end">Changes its status, or refuses.</param>
    /// <param name="back">What of its money goes back, minor units; asked before it ends.</param>
    /// <param name="reason">For the books.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task End(Reservation booking, Action end, long back, string reason, CancellationToken ct)
    {
        var (units, held, wasTold) = (booking.Units, booking.Holds, booking.Status);
        end();
        await EndChange(booking, units, ChangeStatus.Cancelled, ct);
        if (held)
        {
            await holds.Return(booking, units, ct);
            db.Publish(new TimeFreed(booking.ListingId, booking.StartsAt, booking.EndsAt));
        }

        // One that nobody has paid may have a payment open, or money on its way that nothing will take.
        if (booking.PaymentId is null && wasTold == BookingStatus.Pending)
            await payments.CancelOrRefund(PayableBooking.BookingKind, booking.Id, reason, ct);
        await settling.Refund(booking, booking.PaymentId is null ? 0 : back, reason, ct);
        db.Publish(booking.Changed);
    }

    /// <summary>Ends the other time that a booking waits for, if it waits for one: it keeps the time it has.</summary>
    public async Task EndChange(Reservation booking, int[]? units, ChangeStatus how, CancellationToken ct)
    {
        if (await Change.Waiting(db, booking.Id, ct) is not { } change)
            return;
        await holds.Keep(booking, (units, booking.Held), change.Held, ct);
        change.End(how, clock.GetUtcNow());
        await payments.CancelOrRefund(PayableChange.ChangeKind, change.Id, how.Name(), ct);
        db.Publish(new TimeFreed(booking.ListingId, change.StartsAt, change.EndsAt));
        db.Announce(booking.Announcement);
    }

    /// <summary>Ends what of a listing was held until now and not paid, before somebody else is told that it is taken. The listing is locked by the caller.</summary>
    /// <param name="listing">Which.</param>
    /// <param name="ct">Ends the work.</param>
    /// <param name="but">A basket whose parts stay: it is being paid.</param>
    public async Task EndLapsed(Listing listing, CancellationToken ct, Guid? but = null)
    {
        var now = clock.GetUtcNow();
        foreach (var id in await db.Read(
            $"""
            select id from booking.bookings
            where listing_id = {listing.Id} and status in ('requested', 'pending', 'paid') and expires_at <= {now} and ({but}::uuid is null or basket_id is distinct from {but}::uuid) order by id
            """, row => row.GetGuid(0), ct))
            await Expire(await Reservation.Find(db, id, ct), now, ct);
        var changed = await db.Read(
            $"""
            select c.booking_id from booking.booking_changes c join booking.bookings b on b.id = c.booking_id
            where b.listing_id = {listing.Id} and c.status = 'pending' and c.expires_at <= {now} order by c.booking_id
            """, row => row.GetGuid(0), ct);
        foreach (var id in changed)
            await ExpireChange(await Reservation.Find(db, id, ct), now, ct);
    }

    /// <summary>Ends a booking that nobody answered or paid in time. One that was meanwhile stays.</summary>
    public async Task Expire(Reservation booking, DateTimeOffset now, CancellationToken ct)
    {
        var kept = booking.Kept;
        if (booking.IsDue(now))
            await End(booking, () => booking.Expire(now), kept, "expired", ct);
        // Read again within this unit of work, its rows must say so.
        await db.Flush(ct);
    }

    /// <summary>Ends another time for a booking that nobody paid in time.</summary>
    public async Task ExpireChange(Reservation booking, DateTimeOffset now, CancellationToken ct)
    {
        if (await Change.Waiting(db, booking.Id, ct) is { ExpiresAt: { } due } && due <= now)
            await EndChange(booking, booking.Units, ChangeStatus.Expired, ct);
        await db.Flush(ct);
    }
}
