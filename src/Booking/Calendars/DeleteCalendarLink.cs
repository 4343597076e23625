using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Ends the secret address of a listing's calendar: nobody reads it there any more.</summary>
internal static class DeleteCalendarLink
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.Execute($"delete from booking.calendar_links k using booking.listings l where l.id = k.listing_id and l.id = {id} and {Feed.IsOf(caller)}", ct) > 0 ? TypedResults.NoContent() : TypedResults.NotFound();
}
