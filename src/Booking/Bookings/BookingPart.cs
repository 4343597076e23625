using Microsoft.Extensions.Options;
using Quitanda.Booking.Holding;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>A booking as a part of a basket.</summary>
internal sealed class BookingPart(Db db, Holds holds, Ending ending, Settling settling, TimeProvider clock, IOptions<BookingSettings> settings) : IPayablePart
{
    private static readonly Dictionary<string, long> HeldUntilEarned = new(StringComparer.Ordinal);

    public string Kind => PayableBooking.BookingKind;

    public async Task<PartState?> Lock(Guid id, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, _))
            return null;
        var stand = booking switch
        {
            { HasLapsed: true } => PartStand.Lapsed,
            { Status: BookingStatus.Pending } => PartStand.Held,
            { Status: BookingStatus.Paid or BookingStatus.Confirmed or BookingStatus.Completed } => PartStand.Paid,
            _ => PartStand.Over,
        };
        return new(stand, new(booking.Total, booking.Currency), HeldUntilEarned);
    }

    public async Task MakeWay(Guid id, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is var (booking, listing) && booking.HasLapsed)
            await ending.EndLapsed(listing, ct, but: booking.BasketId);
    }

    public async Task<Action?> TakePaid(Guid id, Guid? paymentId, DateTimeOffset at, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, listing))
            return null;
        int[]? units = null;
        if (booking.HasLapsed)
        {
            if (booking.EndsAt <= at || await holds.TryTake(listing, booking, at, ct) is not { } again)
                return null;
            units = listing.IsPooled ? null : again;
        }
        else if (booking.Status != BookingStatus.Pending)
            return null;

        var (status, wasLapsed) = (booking.Status, booking.HasLapsed);
        return () =>
        {
            if (booking.Status != status || booking.HasLapsed != wasLapsed)
                throw new InvalidOperationException("A part of a basket has changed while the others were asked.");
            if (wasLapsed)
                booking.Revive(units, at);
            booking.TakeBasketPayment(paymentId, at, at.AddHours(settings.Value.AnswerHours));
            db.Publish(booking.Changed);
        };
    }

    public async Task Release(Guid id, bool hasLapsed, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Reservation.Lock(db, id, ct) is not var (booking, _) || booking.Status != BookingStatus.Pending)
            return;
        if (hasLapsed)
            await ending.Expire(booking, now, ct);
        else
            await ending.End(booking, () => booking.Cancel(new(Actor.Renter, booking.RenterId), "basket_released", now), back: 0, "basket_released", ct);
    }

    public async Task Refunded(Guid id, Guid paymentId, Money inAll, DateTimeOffset at, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, _) || !booking.NoteRefund(paymentId, inAll.Amount, at))
            return;
        settling.Settle(booking);
        db.Announce(booking.Announcement);
    }
}
