using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Makes the secret address of a listing's calendar, for its owner to give to calendars elsewhere. It is told once, and the one there was ends with it.</summary>
[AnswersSecret]
internal static class MakeCalendarLink
{
    /// <param name="ListingId">The listing.</param>
    /// <param name="Url">Where its calendar is read. Whoever has it needs nothing else.</param>
    /// <param name="CreatedAt">When it was made.</param>
    internal sealed record Response(Guid ListingId, [Personal] string Url, DateTimeOffset CreatedAt);

    public static async Task<Results<Created<Response>, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();
        var (token, now) = (OpaqueToken.New(), clock.GetUtcNow());
        var hash = OpaqueToken.HashOf(token);
        db.Write($"""
            insert into booking.calendar_links (listing_id, token_hash, created_at) values ({id}, {hash}, {now})
            on conflict (listing_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at
            """);
        return TypedResults.Created($"/api/v1/listings/{id}/calendar-link", new Response(id, $"{settings.Value.BaseUrl}/api/v1/listings/{id}/calendar.ics?token={token}", now));
    }
}
