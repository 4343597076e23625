using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Holding;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>The difference for another time of a booking, as Payments sees it.</summary>
internal sealed class PayableChange(Db db, Holds holds, Settling settling) : IPayable
{
    public const string ChangeKind = "booking_change";

    public string Kind => ChangeKind;

    public async Task<Due?> Lock(Guid id, CancellationToken ct)
    {
        if (await Find(id, ct) is not var (change, booking))
            return null;
        var whyNot = change.Status switch { ChangeStatus.Pending => null, ChangeStatus.Done => "already_paid", _ => "booking_cancelled" };
        return new(booking.RenterId, new(change.Difference, booking.Currency), Reservation.Split(change.Difference), MayBePaid: whyNot is null, whyNot)
        {
            WhyNotText = whyNot switch { null => null, "already_paid" => "The difference is paid already.", _ => "The other time is not held any more." },
            ExpiresAt = change.ExpiresAt,
        };
    }

    public async Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Find(id, ct) is not var (change, booking))
            return false;
        if (change.PaymentId == paymentId)
            return true;
        // One that has expired is not taken up again: the booking has the time it had, and the money goes back.
        if (change.Status != ChangeStatus.Pending)
            return false;
        await holds.Keep(booking, (change.Units, change.Held), booking.Held, ct);
        var left = booking.Period;
        change.Do(paymentId, at);
        booking.Collect(change.Difference);
        booking.Move(change.Period, change.Held, change.Units, change.Lines, change.Total, By.System, at);
        db.Publish(booking.Changed);
        db.Publish(new TimeFreed(booking.ListingId, left.From, left.Until));
        return true;
    }

    public Task TurnedAway(Guid id, Money amount, CancellationToken ct) => Note(id, (_, booking) => db.Publish(new BookingPaymentReturned(booking.Id, amount)), ct);

    public Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct) => Note(id, (change, _) => change.NoteFailedPayment(at), ct);

    public Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => NoteRefund(id, paymentId, inAll.Amount, at, ct);

    public Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => NoteRefund(id, paymentId, inAll.Amount, at, ct);

    public Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct) => Read(Sql.Of($"c.id = any({ids.ToArray()})"), ids.Count, ct);

    public Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct) =>
        Read(Sql.Of($"c.created_at >= {since} and c.difference > 0 and c.payment_status in ('paid', 'partially_refunded', 'refunded')"), limit, ct);

    private async Task<IReadOnlyList<PayableState>> Read(Sql where, int limit, CancellationToken ct) => await db.Read(
        $"""
        select c.id, c.payment_id, c.payment_status, c.difference, b.currency, c.status in ('expired', 'cancelled')
        from booking.booking_changes c join booking.bookings b on b.id = c.booking_id where {where} order by c.created_at desc, c.id desc limit {limit}
        """,
        row => new PayableState(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2), new(row.GetInt64(3), row.GetString(4)), row.GetBoolean(5)), ct);

    private async Task NoteRefund(Guid id, Guid paymentId, long inAll, DateTimeOffset at, CancellationToken ct) => await Note(id, (change, booking) =>
    {
        var before = change.Refunded;
        if (change.NoteRefund(paymentId, inAll, at))
            booking.NoteRefunded(inAll - before, at);
    }, ct);

    private async Task Note(Guid id, Action<Change, Reservation> note, CancellationToken ct)
    {
        if (await Find(id, ct) is not var (change, booking))
            return;
        note(change, booking);
        settling.Settle(booking);
        db.Announce(booking.Announcement);
    }

    private async Task<(Change Change, Reservation Booking)?> Find(Guid id, CancellationToken ct)
    {
        // Which booking it is of never changes.
        if (await db.ReadFirst($"select booking_id from booking.booking_changes where id = {id}", row => (Guid?)row.GetGuid(0), ct) is not { } bookingId
            || await Reservation.Lock(db, bookingId, ct) is not var (booking, _))
            return null;
        return (await db.Set<Change>().FromSql($"select * from booking.booking_changes where id = {id} for no key update").SingleAsync(ct), booking);
    }
}
