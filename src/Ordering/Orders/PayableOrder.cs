using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Letters;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order as Payments sees it.</summary>
internal sealed class PayableOrder(Db db, Holds holds, FollowLinks links, IMail mail) : IPayable
{
    public const string OrderKind = "order";

    public string Kind => OrderKind;

    public async Task<Due?> Lock(Guid id, CancellationToken ct)
    {
        var order = await Order.Lock(db, id, customerId: null, ct);
        return order?.Due;
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
            if (isTaken)
                db.Publish(order.PaymentChanged);
            return isTaken;
        }

        db.Publish(order.Changed);
        mail.Tell(order, new OrderConfirmed(OrderFacts.Of(order, links)));
        return isTaken;
    }

    /// <summary>What it held went back when the order lapsed: what others have taken meanwhile is not promised twice, and then the money goes back.</summary>
    private async Task<bool> Revive(Order order, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await holds.Retake(order, at, ct) is not { } promise)
            return false;
        order.Revive(paymentId, promise, at);
        return true;
    }

    public async Task TurnedAway(Guid id, Money amount, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is { } order)
            mail.Tell(order, PaymentReturned.Of(order, amount));
    }

    public Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct) => Note(id, order => order.NoteFailedPayment(at), ct);

    public Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, order => order.NoteRefund(paymentId, isWhole, at), ct);

    public Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, order => order.NoteRefundCameBack(paymentId, isWhole, at), ct);

    public Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct) => Read(Sql.Of($"id = any({ids.ToArray()})"), ids.Count, ct);

    public Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct) =>
        Read(Sql.Of($"created_at >= {since} and total > 0 and basket_id is null and imported_at is null and payment_status in ('paid', 'partially_refunded', 'refunded')"), limit, ct);

    private async Task<IReadOnlyList<PayableState>> Read(Sql where, int limit, CancellationToken ct) => await db.Read(
        $"select id, payment_id, payment_status, total, currency, status = 'cancelled' from ordering.orders where {where} order by created_at desc, id desc limit {limit}",
        row => new PayableState(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2), new(row.GetInt64(3), row.GetString(4)), row.GetBoolean(5)), ct);

    private async Task Note(Guid id, Action<Order> note, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return;
        var before = order.PaymentStatus;
        note(order);
        db.Announce(order.Announcement);
        if (order.PaymentStatus != before)
            db.Publish(order.PaymentChanged);
    }
}
