using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Shows the hours and slots of a day, and which slots can still be had. It is worked out anew each time; between looking and ordering, somebody else may be faster.</summary>
internal static class ShowSlots
{
    internal sealed record Query
    {
        /// <summary>How the order is handed over; <c>pickup</c> without it.</summary>
        public string? Fulfillment { get; init; }

        /// <summary>A day in the store's time: <c>2026-03-04</c>; today without it.</summary>
        public DateOnly? Date { get; init; }
    }

    /// <param name="Date">The day, in the store's time.</param>
    /// <param name="Fulfillment">As asked.</param>
    /// <param name="TimeZone">The store's own.</param>
    /// <param name="Minutes">How long a slot is; null where the store has none, and takes orders for any time within the hours.</param>
    /// <param name="Hours">When something is handed over on that day.</param>
    /// <param name="Slots">In order. The first and the last of an opening may be shorter than the others.</param>
    internal sealed record Response(DateOnly Date, Fulfillment Fulfillment, string TimeZone, int? Minutes, Span[] Hours, DaySlot[] Slots);

    /// <summary>A time without a break.</summary>
    internal sealed record Span(DateTimeOffset Start, DateTimeOffset End);

    /// <summary>A slot.</summary>
    /// <param name="Start">What to schedule an order for.</param>
    /// <param name="End">When the next begins.</param>
    /// <param name="IsAvailable">Whether an order for its beginning would be taken.</param>
    /// <param name="Reason">Why not: <c>closed</c>, <c>past_last_order</c>, <c>too_soon</c> or <c>full</c>.</param>
    internal sealed record DaySlot(DateTimeOffset Start, DateTimeOffset End, bool IsAvailable, string? Reason);

    public static async Task<Ok<Response>> Handle([AsParameters] Query query, Db db, Slots slots, TimeProvider clock, CancellationToken ct)
    {
        var fulfillment = Wire.Asked<Fulfillment>(query.Fulfillment ?? "pickup", "fulfillment");
        var (terms, now) = (await Terms.Read(db, ct), clock.GetUtcNow());
        var today = terms.Today(now);
        var date = query.Date ?? today;
        // The calendar may be a day ahead of so many times 24 hours, and a client's a day behind the store's.
        if (date < today.AddDays(-1) || date > today.AddDays(terms.DaysAhead + 1))
            throw new InvalidException("date", $"must be from today to {terms.DaysAhead} days ahead.");

        var offered = terms.SlotsOn(fulfillment, date, now);
        var (from, until) = terms.Day(date);
        var full = terms.CapacityOf(fulfillment) is { } capacity && offered.Any(slot => slot.Reason is null) ? await slots.Full(fulfillment, from, until, capacity, ct) : [];
        return TypedResults.Ok(new Response(date, fulfillment, terms.TimeZone.Id, terms.SlotMinutes, [.. terms.HoursOn(fulfillment, date).Select(open => new Span(open.From, open.To))],
            [.. offered.Select(slot => slot with { Reason = slot.Reason ?? (full.Contains(slot.Slot.Start) ? "full" : null) })
                .Select(slot => new DaySlot(slot.Slot.Start, slot.Slot.End, slot.Reason is null, slot.Reason))]));
    }
}
