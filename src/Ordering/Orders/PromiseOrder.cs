using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Queue;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// Promises an order for another time, sooner or later, whatever the hours and however full the slot: staff know what they do. Its place moves with it, its customer's stream and the queue are told,
/// and the timeline says who, when and why. What the customer had wanted (`scheduledFor`) stays.
/// </summary>
[Refuses("invalid_transition")]
internal static class PromiseOrder
{
    private const int DaysAtMost = 366;

    /// <param name="ReadyAt">When it is handed over: in the future, and at most 366 days ahead.</param>
    /// <param name="Reason">Why, or what the customer should know; it stands in the order's timeline.</param>
    internal sealed record Request(DateTimeOffset ReadyAt, [StringLength(500)] string? Reason = null);

    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, Slots slots, TimeProvider clock, CancellationToken ct)
    {
        var (now, readyAt) = (clock.GetUtcNow(), request.ReadyAt.ToUniversalTime());
        if (readyAt <= now || readyAt > now.AddDays(DaysAtMost))
            throw new InvalidException("readyAt", $"must be in the future, and at most {DaysAtMost} days ahead.");
        var terms = await Terms.Read(db, ct);
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return TypedResults.NotFound();

        var left = order.SlotAt;
        order.Promise(By.Staff(caller), readyAt, terms.QueueAt(order.Fulfillment, readyAt, now), terms.SlotAt(order.Fulfillment, readyAt), request.Reason, now);
        slots.Move(order.Fulfillment, left, order.SlotAt);
        db.Announce(order.Announcement);
        // The queue hears of it now if the order is in it already; if not, when its new time comes, which the clock that was set for the old one does not know.
        db.Schedule(QueueOrder.Kind, new QueueOrder.Message(id), now);
        db.Schedule(QueueOrder.Kind, new QueueOrder.Message(id), order.QueueAt!.Value);
        return TypedResults.Ok(OrderDetails.Of(order, forStaff: true));
    }
}
