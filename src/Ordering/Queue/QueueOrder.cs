using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>
/// Tells the queue what is new about an order: that it is to be made, once its time has come, and every change of its status from then on. Each is told once, in the order's own order,
/// however often and however late this is asked for. One that staff put off comes in again when its new time has come.
/// </summary>
internal sealed class QueueOrder(Db db, TimeProvider clock) : IHandle<OrderStatusChanged>, IHandle<QueueOrder.Message>
{
    public const string Kind = "ordering.queue-order";

    /// <summary>The kind under which changes of a status are heard.</summary>
    public const string ChangedKind = "ordering.queue-changed-order";

    internal sealed record Message(Guid OrderId);

    public Task Handle(OrderStatusChanged message, CancellationToken ct) => Tell(message.OrderId, ct);

    public Task Handle(Message message, CancellationToken ct) => Tell(message.OrderId, ct);

    private async Task Tell(Guid id, CancellationToken ct)
    {
        // Whoever numbers events keeps the next one waiting, so that positions are seen in their order. Nothing else is locked under it.
        await db.ReadFirst($"select position from ordering.queue_head where id = 1 for update", row => row.GetInt64(0), ct);
        var order = await db.ReadFirst(
            $"""
            select {InQueue.Condition}, coalesce(o.queue_at, o.created_at), (select max(q.event_position) from ordering.queue_events q where q.order_id = o.id),
                   (select max(e.position) from ordering.order_events e where e.order_id = o.id), o.customer_id,
                   exists (select from ordering.order_events e where e.order_id = o.id and e.queue_at > e.at
                       and e.position > (select max(q.event_position) from ordering.queue_events q where q.order_id = o.id and q.entered))
            from ordering.orders o where o.id = {id}
            """,
            row => new
            {
                IsToBeMade = row.GetBoolean(0),
                From = row.GetFieldValue<DateTimeOffset>(1),
                Told = row.IsDBNull(2) ? (int?)null : row.GetInt32(2),
                Newest = row.GetInt32(3),
                CustomerId = row.GetGuid(4),
                WasPutOff = row.GetBoolean(5),
            }, ct);
        var now = clock.GetUtcNow();
        if (order is null || (order.Told is null && !order.IsToBeMade))
            return;
        if (order.Told is null && order.From > now)
        {
            db.Schedule(Kind, new Message(id), order.From, $"{Kind}:{id}");
            return;
        }

        // It comes in as it stands; what happened to it before is in its timeline.
        var after = order.Told ?? order.Newest - 1;
        // It was put off since it came in, and every promise has a clock set for its time: the first one that finds the time come says so, and the others find it said.
        var isBack = order.WasPutOff && order.IsToBeMade && order.From <= now;
        if (after >= order.Newest && !isBack)
            return;
        await db.Execute(
            $"""
            with new as (
                select e.position, {order.Told is null} as entered from ordering.order_events e where e.order_id = {id} and e.position > {after} and e.position <= {order.Newest}
                union all select {order.Newest}, true where {isBack}
            ), told as (
                insert into ordering.queue_events (position, order_id, event_position, entered, put_at)
                select head.position + row_number() over (order by new.position, new.entered), {id}, new.position, new.entered, {now} from new, ordering.queue_head head where head.id = 1
            )
            update ordering.queue_head set position = position + (select count(*) from new) where id = 1
            """, ct);
        db.Announce(QueueEvents.Changed);
        // Its time has come: nothing about it has changed, and the counter's page wants to know all the same.
        if (order.Told is null || isBack)
            db.Announce(new(OrderEvents.OrderKind, id, order.CustomerId));
    }
}

/// <summary>Which orders the counter has to do with.</summary>
internal static class InQueue
{
    /// <summary>Of an order <c>o</c>: taken on and not handed over yet, or to be taken on by staff. One that waits for its payment is not.</summary>
    public static readonly Sql Condition = Sql.Raw(
        "(o.status in ('confirmed', 'preparing', 'ready', 'out_for_delivery') or (o.status = 'pending' and (o.payment_method = 'manual' or o.payment_status = 'paid')))");

    /// <summary>Of an order <c>o</c>: the counter will have to do with it, but its time has not come. What is done is named apart, so that the planner may use the index of orders in work.</summary>
    public static Sql After(DateTimeOffset now) => Sql.Of($"o.status not in ('delivered', 'cancelled') and {Condition} and coalesce(o.queue_at, o.created_at) > {now}");
}
