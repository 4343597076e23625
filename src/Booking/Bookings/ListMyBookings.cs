using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Lists what the caller has booked.</summary>
internal static class ListMyBookings
{
    internal sealed record Query : BookingQuery;

    public static async Task<Ok<Page<BookingSummary>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await query.Read(db, Sql.Of($"b.renter_id = {caller.Id}"), ct));
}
