using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// The changes of an order's status as server-sent events named `statusChanged`: those of before, then each as it happens. The stream ends when
/// the order is delivered or cancelled, and 204 says that nothing more will come. For one's own orders, and for any to staff.
/// </summary>
internal static class WatchOrder
{
    public static async Task<Results<EventStream<OrderDetails.Step>, NoContent, NotFound>> Handle(Guid id, LastEventId last, Caller caller, Db db, Streams streams, CancellationToken ct)
    {
        var order = await db.ReadFirst(
            $"""
            select o.status, (select max(e.position) from ordering.order_events e where e.order_id = o.id)
            from ordering.orders o where o.id = {id} and (o.customer_id = {caller.Id} or {caller.Is(Roles.Staff)})
            """, reader => new { Status = Wire.Parse<OrderStatus>(reader.GetString(0)), Newest = reader.GetInt32(1) }, ct);
        if (order is null)
            return TypedResults.NotFound();
        // A browser that finds a stream ended opens it again, unless it is told to stop.
        if (Order.IsFinal(order.Status) && last.Position >= order.Newest)
            return TypedResults.NoContent();
        return streams.Watch<OrderDetails.Step>(OrderEvents.OrderKind, id, last.Position, caller);
    }
}
