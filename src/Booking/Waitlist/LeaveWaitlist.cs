using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Takes a wish off the list: who waits, or the listing's owner. An offer that is not paid yet is declined, and what was held for it goes to the next in line.</summary>
[Refuses("not_waiting")]
internal static class LeaveWaitlist
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, Ending ending, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Which listing it is of never changes.
        if (await db.ReadFirst($"select w.listing_id from {Wait.From} where w.id = {id} and {Wait.VisibleTo(caller)}", row => (Guid?)row.GetGuid(0), ct) is not { } listingId)
            return TypedResults.NotFound();
        await Listing.Lock(db, listingId, ct);
        if (await db.Execute($"update booking.waits set status = 'left', updated_at = {now} where id = {id} and status = 'waiting'", ct) == 1)
            return TypedResults.NoContent();
        var offered = await db.ReadFirst($"select booking_id from booking.waits where id = {id} and status = 'offered'", row => (Guid?)row.GetGuid(0), ct);
        if (offered is null || await Reservation.Find(db, offered.Value, ct) is not { Status: BookingStatus.Pending } booking || By.Of(caller, booking) is not { } by)
            throw new RefusedException("not_waiting", "It does not wait any more. What was booked is cancelled as a booking.");
        await ending.End(booking, () => booking.Cancel(by, reason: null, now), back: 0, "cancelled", ct);
        return TypedResults.NoContent();
    }
}
