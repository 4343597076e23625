using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Blocks;

/// <summary>Closes a listing, or some of its units, for a time: whole days where it is by the day, quarters of an hour where it is by the hour. What is booked is in the way, and is named.</summary>
[Refuses("slot_taken")]
internal static class AddBlock
{
    /// <summary>The longest block, in days.</summary>
    private const int LongestDays = 366;

    /// <summary>The longest of many units by the hour, each quarter of which is counted.</summary>
    private const int LongestCountedDays = 31;

    /// <summary>Things in the way that are named.</summary>
    private const int NamedAtMost = 10;

    /// <param name="StartDate">The first day, of what is by the day.</param>
    /// <param name="EndDate">The last day, inclusive.</param>
    /// <param name="StartAt">The beginning, of what is by the hour.</param>
    /// <param name="EndAt">The end, exclusive.</param>
    /// <param name="Quantity">How many units; without it all of them.</param>
    /// <param name="Reason">The owner's own note.</param>
    internal sealed record Request(
        DateOnly? StartDate = null,
        DateOnly? EndDate = null,
        DateTimeOffset? StartAt = null,
        DateTimeOffset? EndAt = null,
        [Range(1, 10_000)] int? Quantity = null,
        [StringLength(500)] string? Reason = null);

    /// <summary>What stands in the way: a booking, with what stays free around it, or another block.</summary>
    internal sealed record InTheWay(Guid? BookingId, Guid? BlockId, DateTimeOffset StartAt, DateTimeOffset EndAt, int Quantity);

    public static async Task<Results<Created<Block>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, Holds holds, TimeProvider clock, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        var period = PeriodOf(request, listing, now);
        var quantity = request.Quantity ?? listing.Units;
        if (quantity > listing.Units)
            throw new InvalidException("quantity", $"There are {listing.Units} units.");

        var block = Guid.CreateVersion7(now);
        // The row first, which the units then name; refused, all of it is undone.
        await db.Execute(
            $"""
            insert into booking.blocks (id, listing_id, starts_at, ends_at, quantity, reason, created_at)
            values ({block}, {id}, {period.From}, {period.Until}, {quantity}, {request.Reason}, {now})
            """, ct);
        var units = await holds.Close(listing, period, quantity, block, ct)
            ?? throw await Taken(db, id, period, block, ct);
        if (!listing.IsPooled)
            await db.Execute($"update booking.blocks set units = {units} where id = {block}", ct);
        return TypedResults.Created($"/api/v1/listings/{id}/blocks", Block.Of(listing.Clock, block, period, quantity, request.Reason, now));
    }

    private static Period PeriodOf(Request request, Listing listing, DateTimeOffset now)
    {
        var period = Offer.PeriodOf(new(request.StartDate, request.EndDate, request.StartAt, request.EndAt), listing.Clock, now);
        var (isByDay, end) = (listing.Unit == RentalUnit.Day, listing.Unit == RentalUnit.Day ? "endDate" : "endAt");
        var longest = listing.IsPooled && !isByDay ? LongestCountedDays : LongestDays;
        if (period.Until <= now)
            throw new InvalidException(end, "is in the past.");
        if (listing.Clock.LengthOf(period) > (isByDay ? longest : longest * 24 * 60))
            throw new InvalidException(end, $"is {longest} days after the beginning at the most.");
        return period;
    }

    private static async Task<RefusedException> Taken(Db db, Guid listing, Period period, Guid block, CancellationToken ct)
    {
        var inTheWay = await db.Read(
            $"""
            select b.id, null::uuid, b.held_from, b.held_until, b.quantity from booking.bookings b
            where b.listing_id = {listing} and b.status in ('pending', 'paid', 'confirmed', 'completed') and b.held_from < {period.Until} and b.held_until > {period.From}
            union all
            select c.booking_id, null::uuid, c.held_from, c.held_until, b.quantity from booking.booking_changes c join booking.bookings b on b.id = c.booking_id
            where b.listing_id = {listing} and c.status = 'pending' and c.held_from < {period.Until} and c.held_until > {period.From}
            union all
            select null::uuid, k.id, k.starts_at, k.ends_at, k.quantity from booking.blocks k
            where k.listing_id = {listing} and k.id <> {block} and k.starts_at < {period.Until} and k.ends_at > {period.From}
            order by 3 limit {NamedAtMost}
            """,
            row => new InTheWay(row.IsDBNull(0) ? null : row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3), row.GetInt32(4)), ct);
        return new("slot_taken", "Something is booked or closed in that time.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["inTheWay"] = inTheWay } };
    }
}
