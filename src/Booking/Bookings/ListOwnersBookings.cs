using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Lists what others have booked of the caller's listings.</summary>
internal static class ListOwnersBookings
{
    internal sealed record Query : BookingQuery;

    public static async Task<Ok<Page<BookingSummary>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await query.Read(db, Sql.Of($"b.owner_id = {caller.Id}"), ct));
}
