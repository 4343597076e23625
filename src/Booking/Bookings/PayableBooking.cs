using Quitanda.Booking.Holding;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>A booking as Payments sees it.</summary>
internal sealed class PayableBooking(Db db, Holds holds, Ending ending, Settling settling) : IPayable
{
    public const string BookingKind = "booking";

    public string Kind => BookingKind;

    public async Task<Due?> Lock(Guid id, CancellationToken ct) => await Reservation.Lock(db, id, ct) is { } found ? found.Booking.Due : null;

    public async Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, listing))
            return false;
        var before = booking.Status;
        // What it held was let go when it lapsed: what others have taken meanwhile is not promised twice, and then the money goes back.
        if (booking.HasLapsed && booking.BasketId is null)
        {
            // What somebody else did not pay in time either is in nobody's way.
            await ending.EndLapsed(listing, ct);
            if (booking.EndsAt <= at || await holds.TryTake(listing, booking, at, ct) is not { } units)
                return false;
            booking.Revive(listing.IsPooled ? null : units, at);
        }

        if (!booking.TakePayment(paymentId, at))
            return false;
        if (booking.Status != before)
            db.Publish(booking.Changed);
        return true;
    }

    public async Task TurnedAway(Guid id, Money amount, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is var (booking, _))
            db.Publish(new BookingPaymentReturned(booking.Id, amount));
    }

    public Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct) => Note(id, booking => booking.NoteFailedPayment(at), ct);

    public Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, booking => booking.NoteRefund(paymentId, inAll.Amount, at), ct);

    public Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, booking => booking.NoteRefund(paymentId, inAll.Amount, at), ct);

    public Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct) => Read(Sql.Of($"id = any({ids.ToArray()})"), ids.Count, ct);

    public Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct) =>
        Read(Sql.Of($"created_at >= {since} and main_collected > 0 and basket_id is null and payment_status in ('paid', 'partially_refunded', 'refunded')"), limit, ct);

    private async Task<IReadOnlyList<PayableState>> Read(Sql where, int limit, CancellationToken ct) => await db.Read(
        $"""
        select id, payment_id, payment_status, case when payment_id is null then total else main_collected end, currency,
            -- What its renter cancelled may keep money, by its policy.
            status in ('declined', 'expired') or (status = 'cancelled' and exists (select from booking.booking_events e where e.booking_id = b.id and e.status = 'cancelled' and e.made_by <> 'renter'))
        from booking.bookings b where {where} order by created_at desc, id desc limit {limit}
        """,
        row => new PayableState(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2), new(row.GetInt64(3), row.GetString(4)), row.GetBoolean(5)), ct);

    private async Task Note(Guid id, Action<Reservation> note, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, _))
            return;
        note(booking);
        settling.Settle(booking);
        db.Announce(booking.Announcement);
    }
}
