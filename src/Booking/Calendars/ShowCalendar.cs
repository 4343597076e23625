using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Gives out when a listing is taken, as an iCalendar object, to whoever has its secret address. Nothing in it says by whom.</summary>
internal static class ShowCalendar
{
    internal sealed record Query
    {
        /// <summary>What makes the address a secret one.</summary>
        [StringLength(100)]
        public string? Token { get; init; }
    }

    public static async Task<Results<CalendarFile, NotFound>> Handle(Guid id, [AsParameters] Query query, Db db, OwnCalendar calendar, TimeProvider clock, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(query.Token ?? "");
        if (await db.ReadFirst($"select 1 from booking.calendar_links where listing_id = {id} and token_hash = {hash}", row => row.GetInt32(0), ct) == 0
            || await db.Set<Listing>().AsNoTracking().SingleOrDefaultAsync(one => one.Id == id && one.ArchivedAt == null, ct) is not { } listing)
            return TypedResults.NotFound();
        return new CalendarFile(await calendar.Write(listing, clock.GetUtcNow(), ct));
    }
}
