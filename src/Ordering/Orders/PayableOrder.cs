using Quitanda.Catalog;
using Quitanda.Ordering.Letters;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order as Payments sees it.</summary>
internal sealed class PayableOrder(Db db, ICatalog catalog, IMail mail) : IPayable
{
    public const string OrderKind = "order";

    public string Kind => OrderKind;

    public async Task<Due?> Lock(Guid id, CancellationToken ct)
    {
        var order = await Order.Lock(db, id, customerId: null, ct);
        return order is null ? null : new(order.CustomerId, new(order.Total, order.Currency), order.Split, MayBePaid: order.WhyNotPayable is null, order.WhyNotPayable);
    }

    public async Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return false;
        var before = order.Status;
        var isTaken = order.HasLapsed ? await Revive(order, paymentId, at, ct) : order.TakePayment(paymentId, at);
        if (order.Status == before)
        {
            db.Announce(order.Announcement);
            return isTaken;
        }

        db.Publish(order.Changed);
        mail.Send(order.CustomerId, new OrderConfirmed(OrderFacts.Of(order)));
        return isTaken;
    }

    /// <summary>Its stock went back on sale when the order lapsed: what of it was sold meanwhile is not promised twice, and then the money goes back.</summary>
    private async Task<bool> Revive(Order order, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        try
        {
            await catalog.TakeStock([.. order.Items.Select(item => new WantedLine(item.ProductId, item.Quantity))], ct);
        }
        catch (RefusedException refused) when (refused.Code is "out_of_stock" or "unknown_product")
        {
            return false;
        }

        order.Revive(paymentId, at);
        return true;
    }

    public async Task TurnedAway(Guid id, Money amount, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is { } order)
            mail.Send(order.CustomerId, PaymentReturned.Of(order, amount));
    }

    public Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct) => Note(id, order => order.NoteFailedPayment(at), ct);

    public Task Refunded(Guid id, Guid paymentId, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, order => order.NoteRefund(paymentId, isWhole, at), ct);

    private async Task Note(Guid id, Action<Order> note, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return;
        note(order);
        db.Announce(order.Announcement);
    }
}
