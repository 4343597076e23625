using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>
/// Books a listing. Where it is instant, the units are held at once, all or none, and the booking is to be paid within half an hour; else its owner is asked, it holds nothing, and is answered within a day.
/// </summary>
[Refuses("unknown_listing"), Refuses("own_listing"), Refuses("slot_taken"), Refuses("too_soon"), Refuses("too_far_ahead"), Refuses("too_short"), Refuses("too_long"), Refuses("start_day_not_offered"),
 Refuses("not_enough_units"), Refuses("too_many_guests"), Refuses("unknown_add_on"), Refuses("add_on_taken"), Refuses("total_too_large")]
internal static class MakeBooking
{
    /// <param name="ListingId">What is wanted.</param>
    /// <param name="StartDate">The first day, of what is rented by the day.</param>
    /// <param name="EndDate">The last day, inclusive.</param>
    /// <param name="StartAt">The beginning, of what is rented by the hour: at a quarter of an hour.</param>
    /// <param name="EndAt">The end, exclusive: at a quarter of an hour.</param>
    /// <param name="Quantity">Units.</param>
    /// <param name="AddOns">What is rented along.</param>
    /// <param name="Guests">How many people it is for.</param>
    /// <param name="Notes">For the owner.</param>
    /// <param name="Metadata">The client's own notes, returned as given.</param>
    internal sealed record Request(
        Guid ListingId,
        DateOnly? StartDate = null,
        DateOnly? EndDate = null,
        DateTimeOffset? StartAt = null,
        DateTimeOffset? EndAt = null,
        [Range(1, 10_000)] int Quantity = 1,
        [MaxLength(50)] WantedAddOn[]? AddOns = null,
        [Range(1, 1_000_000)] int? Guests = null,
        [StringLength(2000)] string? Notes = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null)
    {
        public WantedPeriod Wanted => new(StartDate, EndDate, StartAt, EndAt, Quantity, AddOns, Guests, Notes, Metadata);
    }

    public static async Task<Created<BookingDetails>> Handle(Request request, Caller renter, Db db, Booker booker, TimeProvider clock, IOptions<BookingSettings> settings, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var booking = await booker.Book(request.ListingId, request.Wanted, renter.Id, basketId: null, listing => now + (listing.Instant ? TimeSpan.FromMinutes(settings.Value.UnpaidMinutes) : TimeSpan.FromHours(settings.Value.AnswerHours)), now, ct);
        await db.Flush(ct);
        return TypedResults.Created($"/api/v1/bookings/{booking.Id}", await BookingDetails.Find(db, booking.Id, Sql.Raw("true"), ct));
    }
}
