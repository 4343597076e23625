using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Letters;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order as a part of a basket.</summary>
internal sealed class OrderPart(Db db, Holds holds, FollowLinks links, IMail mail, TimeProvider clock) : IPayablePart
{
    public string Kind => PayableOrder.OrderKind;

    public async Task<PartState?> Lock(Guid id, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return null;
        var stand = order switch
        {
            { HasLapsed: true } => PartStand.Lapsed,
            { Status: OrderStatus.Cancelled } => PartStand.Over,
            { Status: OrderStatus.Pending, PaymentId: null } => PartStand.Held,
            _ => PartStand.Paid,
        };
        return new(stand, new(order.Total, order.Currency), order.Split);
    }

    public async Task<Action?> TakePaid(Guid id, Guid? paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return null;
        if (order.HasLapsed)
        {
            // What it held went back: what others have taken meanwhile is not promised twice.
            if (await holds.Retake(order, at, ct) is not { } promise)
                return null;
            return () =>
            {
                order.Revive(paymentId, promise, at);
                Tell(order);
            };
        }

        return order.Status != OrderStatus.Pending ? null : () =>
        {
            order.TakeBasketPayment(paymentId, at);
            Tell(order);
        };
    }

    public async Task Release(Guid id, bool hasLapsed, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Order.Lock(db, id, customerId: null, ct) is not { Status: OrderStatus.Pending, PaymentId: null } order)
            return;
        if (hasLapsed && !order.Lapse(now))
            return;
        if (!hasLapsed)
            order.Cancel(By.System, "basket_released", now);
        await holds.Return([order], ct);
        db.Publish(order.Changed with { WasHeld = true });
    }

    public async Task Refunded(Guid id, Guid paymentId, Money inAll, DateTimeOffset at, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return;
        if (inAll.Amount == 0)
            order.NoteRefundCameBack(paymentId, isWhole: true, at);
        else
            order.NoteRefund(paymentId, isWhole: inAll.Amount >= order.Total, at);
        db.Announce(order.Announcement);
        db.Publish(order.PaymentChanged);
    }

    /// <summary>Has the basket give back what an order of it cost.</summary>
    /// <returns>Whether money is on its way back.</returns>
    public static bool AskBack(Db db, Order order, Guid basketId, string? reason)
    {
        if (order.Total == 0)
            return false;
        db.Publish(new OrderRefundDue(order.Id, basketId, new(order.Total, order.Currency), reason ?? "cancelled"));
        return order.PaymentStatus is PaymentStatus.Paid or PaymentStatus.PartiallyRefunded;
    }

    private void Tell(Order order)
    {
        db.Publish(order.Changed);
        mail.Tell(order, new OrderConfirmed(OrderFacts.Of(order, links)));
    }
}
