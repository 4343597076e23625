using Quitanda.Booking;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Asks for money of a part of a basket to go back, of the one payment that paid it all. Done once: the asking is a job's own effect.</summary>
internal static class RefundPart
{
    public static async Task Ask(Db db, IPayments payments, TimeProvider clock, Guid basketId, Guid partId, Money amount, string reason, CancellationToken ct)
    {
        if (amount.Amount == 0 || await Basket.Lock(db, basketId, ct) is not { } basket)
            return;
        var part = (await basket.Parts(db, ct)).Single(part => part.PartId == partId);
        var asked = await payments.Refund(PayableBasket.BasketKind, basket.Id, amount, reason, ct);
        // A bank may hold it, or somebody gave it back by hand: tried again later, and then shown to operators.
        if (asked.Amount < amount.Amount)
            throw new InvalidOperationException($"Of {amount.Amount} {amount.Currency} for a part of basket {basketId} only {asked.Amount} can go back now.");
        var now = clock.GetUtcNow();
        db.Add(new PartRefund { Id = Guid.CreateVersion7(now), BasketId = basket.Id, Position = part.Position, Amount = amount.Amount, CreatedAt = now });
    }
}

/// <summary>An order of a basket was called off.</summary>
internal sealed class RefundOrderPart(Db db, IPayments payments, TimeProvider clock) : IHandle<OrderRefundDue>
{
    public const string Kind = "baskets.refund-order";

    public Task Handle(OrderRefundDue message, CancellationToken ct) => RefundPart.Ask(db, payments, clock, message.BasketId, message.OrderId, message.Amount, message.Reason, ct);
}

/// <summary>Money of a booking of a basket goes back: it was called off, or its deposit is due.</summary>
internal sealed class RefundBookingPart(Db db, IPayments payments, TimeProvider clock) : IHandle<BookingRefundDue>
{
    public const string Kind = "baskets.refund-booking";

    public Task Handle(BookingRefundDue message, CancellationToken ct) => RefundPart.Ask(db, payments, clock, message.BasketId, message.BookingId, message.Amount, message.Reason, ct);
}
