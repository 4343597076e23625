using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Says whether a listing's calendar has a secret address, and since when. The address itself was told once.</summary>
internal static class ShowCalendarLink
{
    internal sealed record Response(Guid ListingId, DateTimeOffset CreatedAt);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.ReadFirst(
            $"select k.listing_id, k.created_at from booking.calendar_links k join booking.listings l on l.id = k.listing_id where l.id = {id} and l.archived_at is null and {Feed.IsOf(caller)}",
            row => new Response(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1)), ct) is { } link ? TypedResults.Ok(link) : TypedResults.NotFound();
}
