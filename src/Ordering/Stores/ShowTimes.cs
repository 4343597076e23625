using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Shows whether the store is open just now, when it closes or opens, and how soon an order would be there. It is worked out anew each time, and so is never late.</summary>
internal static class ShowTimes
{
    /// <param name="IsOpen">Whether orders for now are taken.</param>
    /// <param name="Rule">Why not: <c>opening_hours</c>, <c>holiday</c>, <c>paused</c>, <c>not_accepting</c> or <c>last_order</c>.</param>
    /// <param name="OpensAt">When orders for now are taken next, as far as is known; null while they are.</param>
    /// <param name="ClosesAt">When the store closes; null where it is closed, or does not close within a week.</param>
    /// <param name="LastOrderAt">Until when it takes orders before that.</param>
    /// <param name="Pickup">How soon goods can be picked up.</param>
    /// <param name="Delivery">How soon they can be brought.</param>
    /// <param name="TimeZone">The store's own.</param>
    internal sealed record Response(bool IsOpen, string? Rule, DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt, DateTimeOffset? LastOrderAt, Way Pickup, Way Delivery, string TimeZone);

    /// <summary>One of the two ways in which goods are handed over.</summary>
    /// <param name="IsOffered">Whether there is such a way at all.</param>
    /// <param name="ReadyAt">When an order for now would be there, but for slots that are full; null where none is taken.</param>
    /// <param name="Rule">Why none is taken.</param>
    /// <param name="EarliestAt">The earliest time that an order can be scheduled for.</param>
    internal sealed record Way(bool IsOffered, DateTimeOffset? ReadyAt, string? Rule, DateTimeOffset EarliestAt);

    public static async Task<Ok<Response>> Handle(Db db, TimeProvider clock, CancellationToken ct)
    {
        var (terms, now) = (await Terms.Read(db, ct), clock.GetUtcNow());
        var closed = terms.ClosedAt(now);
        return TypedResults.Ok(new Response(
            closed is null, RuleOf(closed), closed?.Facts?.GetValueOrDefault("opensAt") as DateTimeOffset?, terms.ClosesAt(now), terms.LastOrderAt(now), WayOf(terms, Fulfillment.Pickup, now),
            WayOf(terms, Fulfillment.Delivery, now), terms.TimeZone.Id));
    }

    private static Way WayOf(Terms terms, Fulfillment fulfillment, DateTimeOffset now)
    {
        var (promise, refusals) = terms.JudgeTime(fulfillment, scheduledFor: null, now);
        var refusal = refusals.Count > 0 ? refusals[0] : null;
        return new(refusal?.Code != "fulfillment_not_offered", promise?.ReadyAt, RuleOf(refusal), terms.EarliestFor(fulfillment, now));
    }

    private static string? RuleOf(Refusal? refusal) => refusal is null ? null : refusal.Facts?.GetValueOrDefault("rule") as string ?? refusal.Code;
}
