using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Shows a booking with its timeline, to its renter, its owner and admins.</summary>
internal static class ShowBooking
{
    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await BookingDetails.Find(db, id, VisibleTo(caller), ct) is { } booking ? TypedResults.Ok(booking) : TypedResults.NotFound();

    /// <summary>Which bookings of <c>booking.bookings b</c> somebody sees.</summary>
    public static Sql VisibleTo(Caller caller) => Sql.Of($"(b.renter_id = {caller.Id} or b.owner_id = {caller.Id} or {caller.Is(Roles.Admin)})");

    /// <summary>A booking that this unit of work has changed, as it is now.</summary>
    public static async Task<Results<Ok<BookingDetails>, NotFound>> Shown(this Reservation booking, Db db, CancellationToken ct)
    {
        await db.Flush(ct);
        return TypedResults.Ok(await BookingDetails.Find(db, booking.Id, Sql.Raw("true"), ct));
    }
}
