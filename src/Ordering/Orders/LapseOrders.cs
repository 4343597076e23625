using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Letters;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Finds the online orders that were not paid in time and has each one lapse, as a job of its own: one that cannot holds up no other, and no lock is held for many.</summary>
internal sealed class LapseOrders(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "ordering.lapse-orders";

    /// <summary>How often it looks, and so how late an order may lapse.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>Orders a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The condition is the index's own, word for word, so that a plan made without values may use it.
        var due = await db.Read($"""
            select id from ordering.orders
            where status = 'pending' and payment_method = 'online' and payment_status in ('pending', 'failed') and expires_at <= {now}
            order by expires_at limit {AtMost}
            """, row => row.GetGuid(0), ct);
        // An order that is still waiting for its turn since the last tick is not asked for twice.
        foreach (var id in due)
            db.Schedule(LapseOrder.Kind, new LapseOrder.Message(id), now, $"{LapseOrder.Kind}:{id}");
    }
}

/// <summary>Cancels an order that was not paid in time, gives back what it holds, ends its open payments and tells its customer. One that was paid meanwhile stays.</summary>
internal sealed class LapseOrder(Db db, Holds holds, IPayments payments, FollowLinks links, IMail mail, TimeProvider clock) : IHandle<LapseOrder.Message>
{
    public const string Kind = "ordering.lapse-order";

    internal sealed record Message(Guid OrderId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // A payment that comes in waits here, or we wait for it: whoever is second sees what the first has done.
        if (await Order.Lock(db, message.OrderId, customerId: null, ct) is not { } order || !order.Lapse(now))
            return;
        await holds.Return([order], ct);
        await payments.CancelOrRefund(PayableOrder.OrderKind, order.Id, Order.Lapsed, ct);
        // In a basket it was only held, whoever comes first to end it: its customer has not heard that there was an order.
        var wasHeld = order.BasketId is not null;
        db.Publish(order.Changed with { WasHeld = wasHeld });
        if (!wasHeld)
            mail.Tell(order, new OrderLapsed(OrderFacts.Of(order, links)));
    }
}
