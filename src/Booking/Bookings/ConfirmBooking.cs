using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Its owner takes a request, which is held from now on and to be paid; requests for the same time that have no place beside it are declined. Or takes what was paid in a basket.</summary>
[Refuses("invalid_transition"), Refuses("slot_taken"), Refuses("add_on_taken"), Refuses("too_soon"), Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ConfirmBooking
{
    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(
        Guid id, StepRequest? request, Caller caller, Db db, Holds holds, FreeTimes freeTimes, Ending ending, TimeProvider clock, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Reservation.Lock(db, id, ct) is not var (booking, listing) || By.Of(caller, booking) is not { } by)
            return TypedResults.NotFound();
        by.RequireOwner();
        if (booking.Status == BookingStatus.Requested && booking.StartsAt <= now)
            throw new RefusedException("too_soon", "It would have begun already.");
        await ending.EndLapsed(listing, ct);
        var asks = booking.Status == BookingStatus.Requested;
        booking.Accept(by, asks ? await holds.Take(listing, booking, now, ct) : booking.Units, request?.For(booking), now, now + TimeSpan.FromMinutes(settings.Value.UnpaidMinutes));
        db.Publish(booking.Changed);
        if (asks)
            await DeclineOthers(db, freeTimes, ending, listing, booking, now, ct);
        return await booking.Shown(db, ct);
    }

    private static async Task DeclineOthers(Db db, FreeTimes freeTimes, Ending ending, Listing listing, Reservation accepted, DateTimeOffset now, CancellationToken ct)
    {
        var others = await db.Read(
            $"""
            select id from booking.bookings
            where listing_id = {listing.Id} and status = 'requested' and id <> {accepted.Id} and held_from < {accepted.HeldUntil} and held_until > {accepted.HeldFrom} order by id
            """, row => row.GetGuid(0), ct);
        foreach (var id in others)
        {
            var other = await Reservation.Find(db, id, ct);
            if (FreeTimes.FreeUnits(listing, await freeTimes.Taken(listing, other.Held, ct), other.Held) < other.Quantity)
                await ending.End(other, () => other.Decline(By.System, Reservation.TakenByAnother, now), back: 0, Reservation.TakenByAnother, ct);
        }
    }
}
