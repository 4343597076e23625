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
        var left = amount;
        // What was paid in a basket goes back by the basket, which hears of it.
        if (left > 0 && booking.BasketId is null)
        {
            left -= (await payments.Refund(PayableBooking.BookingKind, booking.Id, new(left, booking.Currency), reason, ct)).Amount;
            foreach (var change in left > 0 ? await Changes(booking, ct) : [])
                left -= (await payments.Refund(PayableChange.ChangeKind, change, new(left, booking.Currency), reason, ct)).Amount;
        }
        else if (left > 0)
        {
            db.Publish(new BookingRefundDue(booking.Id, booking.BasketId!.Value, new(left, booking.Currency), reason));
            left = 0;
        }

        booking.NoteAsked(amount - left);
        Settle(booking);
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
