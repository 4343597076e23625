using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Its owner says no to a request, or to what was paid in a basket: then all of it is given back.</summary>
[Refuses("invalid_transition"), Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class DeclineBooking
{
    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(Guid id, StepRequest? request, Caller caller, Db db, Ending ending, TimeProvider clock, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, _) || By.Of(caller, booking) is not { } by)
            return TypedResults.NotFound();
        by.RequireOwner();
        await ending.End(booking, () => booking.Decline(by, request?.For(booking), clock.GetUtcNow()), booking.Kept, request?.For(booking) ?? "declined", ct);
        return await booking.Shown(db, ct);
    }
}
