using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>A basket as Payments sees it: one payment for all of it.</summary>
internal sealed class PayableBasket(Db db, BasketParts parts) : IPayable
{
    public const string BasketKind = "basket";

    public string Kind => BasketKind;

    public async Task<Due?> Lock(Guid id, CancellationToken ct) => await Basket.Lock(db, id, ct) is { } basket ? basket.Due(basket.Status == BasketStatus.Held && await parts.AreThere(basket, ct)) : null;

    public async Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Basket.Lock(db, id, ct) is not { } basket)
            return false;
        if (basket.PaymentId == paymentId)
            return true;
        // Also one whose time is over: what can be had again is, all of it or nothing.
        if (basket.Status is not (BasketStatus.Held or BasketStatus.Lapsed) || !await parts.AreThere(basket, ct) || !await parts.MarkPaid(basket, paymentId, at, ct))
            return false;
        basket.Pay(paymentId, at);
        return true;
    }

    public Task TurnedAway(Guid id, Money amount, CancellationToken ct) => Task.CompletedTask;

    public async Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Basket.Lock(db, id, ct) is { } basket)
            basket.NoteFailedPayment(at);
    }

    public Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, paymentId, inAll, at, ct);

    public Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, paymentId, inAll, at, ct);

    public Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct) => Read(Sql.Of($"id = any({ids.ToArray()})"), ids.Count, ct);

    public Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct) =>
        Read(Sql.Of($"created_at >= {since} and total > 0 and payment_status in ('paid', 'partially_refunded', 'refunded')"), limit, ct);

    private async Task<IReadOnlyList<PayableState>> Read(Sql where, int limit, CancellationToken ct) => await db.Read(
        $"select id, payment_id, payment_status, total, coalesce(currency, 'BRL'), false from baskets.baskets where {where} order by created_at desc, id desc limit {limit}",
        row => new PayableState(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2), new(row.GetInt64(3), row.GetString(4)), row.GetBoolean(5)), ct);

    private async Task Note(Guid id, Guid paymentId, Money inAll, DateTimeOffset at, CancellationToken ct)
    {
        // A payment that the basket never took is none of its business.
        if (await Basket.Lock(db, id, ct) is not { } basket || basket.PaymentId != paymentId)
            return;
        await parts.Return(basket, basket.NoteRefunded(inAll.Amount, at), paymentId, at, ct);
    }
}
