using Microsoft.EntityFrameworkCore;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Moves a booking's money: back to who paid, and in the books to whom it belongs. The booking is locked by the caller.</summary>
internal sealed class Settling(Db db, IPayments payments, TimeProvider clock)
{
    /// <summary>Asks for an amount to go back, of the payment that paid the booking and then of those for other times of it; and settles.</summary>
    /// <param name="booking">Which.</param>
    /// <param name="amount">Minor units; nothing is asked for nothing.</param>
    /// <param name="reason">For the books.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task Refund(Reservation booking, long amount, string reason, CancellationToken ct)
    {
        // What was paid in a basket goes back by the basket, which hears of it.
        if (booking.BasketId is { } basket)
        {
            if (amount > 0)
                db.Publish(new BookingRefundDue(booking.Id, basket, new(amount, booking.Currency), reason));
        }
        else if (amount - await Ask(booking, amount, reason, ct) is > 0 and var left)
            db.Schedule(RefundAgain.Kind, new RefundAgain.Message(booking.Id, left, reason), clock.GetUtcNow() + RefundAgain.After);

        // What is promised is nobody's to earn, also while a bank holds it in a dispute.
        booking.NoteAsked(amount);
        Settle(booking);
    }

    /// <summary>Asks for money of a booking to go back.</summary>
    /// <returns>How much was asked: less where a bank holds it, or somebody gave it back by hand.</returns>
    public async Task<long> Ask(Reservation booking, long amount, string reason, CancellationToken ct)
    {
        if (amount == 0)
            return 0;
        var asked = (await payments.Refund(PayableBooking.BookingKind, booking.Id, new(amount, booking.Currency), reason, ct)).Amount;
        foreach (var change in asked < amount ? await Changes(booking, ct) : [])
            asked += (await payments.Refund(PayableChange.ChangeKind, change, new(amount - asked, booking.Currency), reason, ct)).Amount;
        return asked;
    }

    /// <summary>Writes into the books what of the booking's money has become its owner's and the house's since the last time, or has ceased to be.</summary>
    public void Settle(Reservation booking)
    {
        var (owner, house) = booking.Unsettled;
        if (owner == 0 && house == 0)
            return;
        var time = booking.Settle();
        LedgerLine[] lines =
        [
            new(BookAccounts.Held, owner + house, booking.Currency),
            new(BookAccounts.OwnerPayable, -owner, booking.Currency, booking.OwnerId),
            new(BookAccounts.PlatformCommission, -house, booking.Currency),
        ];
        payments.Post(new($"booking:{booking.Id}:settled:{time}", LedgerPostKind.Transfer, [.. lines.Where(line => line.Amount != 0)], booking.PaymentId));
        if (owner != 0)
            db.Write($"""
                insert into booking.earnings (id, owner_id, booking_id, amount, currency, created_at)
                values ({Guid.CreateVersion7(clock.GetUtcNow())}, {booking.OwnerId}, {booking.Id}, {owner}, {booking.Currency}, {clock.GetUtcNow()})
                """);
    }

    private async Task<List<Guid>> Changes(Reservation booking, CancellationToken ct) =>
        await db.Set<Change>().Where(change => change.BookingId == booking.Id && change.Status == ChangeStatus.Done && change.PaymentId != null).OrderBy(change => change.Id).Select(change => change.Id).ToListAsync(ct);
}

/// <summary>Asks again for money that could not go back when it was promised: while a bank holds it in a dispute, nothing of it moves.</summary>
internal sealed class RefundAgain(Db db, Settling settling, TimeProvider clock) : IHandle<RefundAgain.Message>
{
    public const string Kind = "booking.refund-again";

    /// <summary>Banks take weeks.</summary>
    public static readonly TimeSpan After = TimeSpan.FromHours(12);

    internal sealed record Message(Guid BookingId, long Amount, string Reason);

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (await Reservation.Lock(db, message.BookingId, ct) is not var (booking, _))
            return;
        // What the bank took, or somebody gave back by hand, is not asked for once more.
        var left = Math.Min(message.Amount, booking.Collected - booking.Refunded);
        if (left <= 0)
            return;
        var asked = await settling.Ask(booking, left, message.Reason, ct);
        if (asked < left)
            db.Schedule(Kind, message with { Amount = left - asked }, clock.GetUtcNow() + After);
    }
}
