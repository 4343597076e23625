using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>
/// The changes of a booking's status as server-sent events named `statusChanged`: those of before, then each as it happens. The stream ends when the booking does, and 204 says that nothing more will come.
/// </summary>
internal static class WatchBooking
{
    public static async Task<Results<EventStream<BookingDetails.Step>, NoContent, NotFound>> Handle(Guid id, LastEventId last, Caller caller, Db db, Streams streams, CancellationToken ct)
    {
        var found = await db.ReadFirst(
            $"select b.status, (select max(e.position) from booking.booking_events e where e.booking_id = b.id) from booking.bookings b where b.id = {id} and {ShowBooking.VisibleTo(caller)}",
            row => ((BookingStatus Status, int Newest)?)(Wire.Parse<BookingStatus>(row.GetString(0)), row.GetInt32(1)), ct);
        if (found is not var (status, newest))
            return TypedResults.NotFound();
        if (Reservation.IsFinal(status) && last.Position >= newest)
            return TypedResults.NoContent();
        return streams.Watch<BookingDetails.Step>(BookingEvents.BookingKind, id, last.Position, caller);
    }
}
