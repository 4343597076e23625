using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>The caller has read what the other side of a booking said until now.</summary>
[Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ReadMessages
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var found = await db.ReadFirst(
            $"select b.renter_id, b.owner_id from booking.bookings b where b.id = {id} and {ShowBooking.VisibleTo(caller)}", row => ((Guid Renter, Guid Owner)?)(row.GetGuid(0), row.GetGuid(1)), ct);
        if (found is not var (renter, owner))
            return TypedResults.NotFound();
        var reader = WriteMessage.Of(caller, renter, owner);
        await db.Execute($"update booking.messages set read_at = {clock.GetUtcNow()} where booking_id = {id} and author <> {reader} and read_at is null", ct);
        return TypedResults.NoContent();
    }
}
