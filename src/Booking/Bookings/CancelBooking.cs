using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>
/// Calls a booking off. Its renter gets back what the policy of the day they booked says, and the deposit; where its owner or an admin cancels, all of it goes back. What it held is free at once.
/// </summary>
[Refuses("invalid_transition")]
internal static class CancelBooking
{
    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(Guid id, StepRequest? request, Caller caller, Db db, Ending ending, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Reservation.Lock(db, id, ct) is not var (booking, _) || By.Of(caller, booking) is not { } by)
            return TypedResults.NotFound();
        // Whoever waited for the lock finds it cancelled and is refused, so time and money go back once.
        await ending.End(booking, () => booking.Cancel(by, request?.For(booking), now), booking.BackOnCancelling(by.Actor, now), request?.For(booking) ?? "cancelled", ct);
        return await booking.Shown(db, ct);
    }
}
