using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Messages;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>
/// Puts a wish on a listing's waiting list that is not free now. When all of it is, and nobody before it in line can have it, a booking is held for a quarter of an hour, and whoever waited is told by a
/// letter. It is offered once. The owner of a listing that is booked by request is not asked again: who waits can be read by them, and taken off the list.
/// </summary>
[Refuses("own_listing"), Refuses("slot_free"), Refuses("already_waiting"), Refuses("waitlist_full"), Refuses("too_soon"), Refuses("too_far_ahead"), Refuses("too_short"), Refuses("too_long"),
 Refuses("start_day_not_offered"), Refuses("not_enough_units"), Refuses("too_many_guests"), Refuses("unknown_add_on"), Refuses("add_on_taken"), Refuses("total_too_large")]
internal static class JoinWaitlist
{
    /// <param name="StartDate">The first day, of what is rented by the day.</param>
    /// <param name="EndDate">The last day, inclusive.</param>
    /// <param name="StartAt">The beginning, of what is rented by the hour: at a quarter of an hour.</param>
    /// <param name="EndAt">The end, exclusive: at a quarter of an hour.</param>
    /// <param name="Quantity">Units.</param>
    /// <param name="AddOns">What is rented along.</param>
    /// <param name="Guests">How many people it is for.</param>
    /// <param name="Notes">For the owner.</param>
    /// <param name="Metadata">The client's own notes, kept with the booking.</param>
    internal sealed record Request(
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

    public static async Task<Results<Created<Wait>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, Line line, TimeProvider clock, CancellationToken ct)
    {
        var (now, wanted) = (clock.GetUtcNow(), request.Wanted with { Notes = ContactDetails.Masked(request.Notes) });
        if (await Listing.Lock(db, id, ct) is not { IsShown: true } listing)
            return TypedResults.NotFound();
        if (listing.OwnerId == caller.Id)
            throw new RefusedException("own_listing", "The listing is your own.");
        var offer = Offer.Of(listing, wanted, now).Require();
        await RequireRoom(db, id, caller.Id, offer, now, ct);
        if (await line.IsFree(listing, offer, wanted.Quantity, ct))
            throw new RefusedException("slot_free", "It is free: book it.");

        var wait = Guid.CreateVersion7(now);
        await db.Execute(
            $"""
            insert into booking.waits (id, listing_id, person_id, status, wish, starts_at, ends_at, created_at, updated_at)
            values ({wait}, {id}, {caller.Id}, 'waiting', {Sql.Json(wanted)}, {offer.Period.From}, {offer.Period.Until}, {now}, {now})
            """, ct);
        return TypedResults.Created($"/api/v1/waitlist/{wait}", await Wait.Find(db, wait, Sql.Raw("true"), now, ct));
    }

    /// <summary>Under the listing's lock, so that what is counted is so.</summary>
    private static async Task RequireRoom(Db db, Guid listingId, Guid personId, Offer offer, DateTimeOffset now, CancellationToken ct)
    {
        var (all, theirs, same) = await db.ReadFirst(
            $"""
            select count(*) filter (where starts_at > {now}), count(*) filter (where starts_at > {now} and person_id = {personId}),
                (array_agg(id) filter (where person_id = {personId} and starts_at = {offer.Period.From} and ends_at = {offer.Period.Until}))[1]
            from booking.waits where listing_id = {listingId} and status = 'waiting'
            """, row => (row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? (Guid?)null : row.GetGuid(2)), ct);
        if (same is { } waitId)
            throw new RefusedException("already_waiting", "You wait for this time already.") { Facts = Offer.Facts(("waitId", waitId)) };
        if (all >= Line.AtMost || theirs >= Line.OfOnePerson)
            throw new RefusedException("waitlist_full", theirs >= Line.OfOnePerson ? $"You have {Line.OfOnePerson} wishes in this line." : "The line is full.");
    }
}
