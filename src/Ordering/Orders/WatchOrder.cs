using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// The changes of an order's status as server-sent events named `statusChanged`, and those of what is promised as `readyAtChanged`: those of before, then each as it happens. The stream ends when
/// the order is delivered or cancelled, and 204 says that nothing more will come. For one's own orders, and for any to staff.
/// </summary>
internal static class WatchOrder
{
    public static async Task<Results<EventStream<OrderDetails.Step>, NoContent, NotFound>> Handle(Guid id, LastEventId last, Caller caller, Db db, Streams streams, CancellationToken ct)
    {
        if (await Find(db, id, Sql.Of($"(o.customer_id = {caller.Id} or {caller.Is(Roles.Staff)})"), ct) is not { } order)
            return TypedResults.NotFound();
        if (order.IsOver(last))
            return TypedResults.NoContent();
        return streams.Watch<OrderDetails.Step>(OrderEvents.OrderKind, id, last.Position, caller);
    }

    /// <summary>How far an order of <c>ordering.orders o</c> is, if it is as <paramref name="which"/> says.</summary>
    internal static Task<Stand?> Find(Db db, Guid id, Sql which, CancellationToken ct) => db.ReadFirst(
        $"""
        select o.customer_id, o.status, (select max(e.position) from ordering.order_events e where e.order_id = o.id)
        from ordering.orders o where o.id = {id} and {which}
        """, reader => new Stand(reader.GetGuid(0), Wire.Parse<OrderStatus>(reader.GetString(1)), reader.GetInt32(2)), ct);

    /// <summary>How far an order is.</summary>
    internal sealed record Stand(Guid CustomerId, OrderStatus Status, long Newest)
    {
        /// <summary>Whether nothing will come any more. A browser that finds a stream ended opens it again, unless it is told to stop.</summary>
        public bool IsOver(LastEventId last) => Order.IsFinal(Status) && last.Position >= Newest;
    }
}
