using Quitanda.Booking;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Asks for money of a part of a basket to go back, of the one payment that paid it all. Done once: the asking is a job's own effect.</summary>
internal static class RefundPart
{
    /// <summary>Banks take weeks.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromHours(12);

    /// <summary>Asks for what of it can go back now, never more than the part has left; the rest is asked for again later, under the same kind of job.</summary>
    public static async Task Ask<T>(Db db, IPayments payments, TimeProvider clock, string kind, Func<Money, T> rest, Guid basketId, Guid partId, Money amount, string reason, CancellationToken ct) where T : notnull
    {
        if (await Basket.Lock(db, basketId, ct) is not { } basket)
            return;
        var (now, part) = (clock.GetUtcNow(), (await basket.Parts(db, ct)).Single(part => part.PartId == partId));
        var before = await db.ReadFirst($"select coalesce(sum(amount), 0)::bigint from baskets.refunds where basket_id = {basket.Id} and position = {part.Position}", row => row.GetInt64(0), ct);
        var wanted = Math.Min(amount.Amount, part.Amount - before);
        if (wanted <= 0)
            return;
        var asked = (await payments.Refund(PayableBasket.BasketKind, basket.Id, amount with { Amount = wanted }, reason, ct)).Amount;
        if (asked > 0)
            db.Add(new PartRefund { Id = Guid.CreateVersion7(now), BasketId = basket.Id, Position = part.Position, Amount = asked, CreatedAt = now });
        // A bank holds it in a dispute, or somebody gave it back by hand. What has gone of all of it is asked for no more.
        if (asked < wanted && basket.Refunded < basket.Total)
            db.Schedule(kind, rest(amount with { Amount = wanted - asked }), now + Again);
    }
}

/// <summary>An order of a basket was called off.</summary>
[EvenWhenOff]
internal sealed class RefundOrderPart(Db db, IPayments payments, TimeProvider clock) : IHandle<OrderRefundDue>
{
    public const string Kind = "baskets.refund-order";

    public Task Handle(OrderRefundDue message, CancellationToken ct) =>
        RefundPart.Ask(db, payments, clock, Kind, rest => message with { Amount = rest }, message.BasketId, message.OrderId, message.Amount, message.Reason, ct);
}

/// <summary>Money of a booking of a basket goes back: it was called off, or its deposit is due.</summary>
[EvenWhenOff]
internal sealed class RefundBookingPart(Db db, IPayments payments, TimeProvider clock) : IHandle<BookingRefundDue>
{
    public const string Kind = "baskets.refund-booking";

    public Task Handle(BookingRefundDue message, CancellationToken ct) =>
        RefundPart.Ask(db, payments, clock, Kind, rest => message with { Amount = rest }, message.BasketId, message.BookingId, message.Amount, message.Reason, ct);
}
