using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>
/// Writes to renter and owner what happened to a booking. It goes by the booking's timeline and notes how far it has told: so each entry is told of once and in its order, however often and however late
/// this is asked for.
/// </summary>
internal sealed class TellOfBooking(Db db, IMail mail) : IHandle<BookingMade>, IHandle<BookingStatusChanged>, IHandle<BookingPaymentReturned>
{
    public const string MadeKind = "booking.tell-of-made-booking";
    public const string ChangedKind = "booking.tell-of-changed-booking";
    public const string ReturnedKind = "booking.tell-of-returned-payment";

    private static readonly string Pending = BookingStatus.Pending.Name();

    // Of one that is only held nobody is told until it is paid: whoever made it has just seen it.
    public Task Handle(BookingMade message, CancellationToken ct) => message.Status == Pending ? Task.CompletedTask : Tell(message.BookingId, ct);

    public Task Handle(BookingStatusChanged message, CancellationToken ct) => Tell(message.BookingId, ct);

    public async Task Handle(BookingPaymentReturned message, CancellationToken ct)
    {
        var booking = await Read(message.BookingId, ct);
        mail.Send(booking.RenterId, new BookingMoneyReturned(BookingFacts.Of(booking), message.Amount));
    }

    private async Task Tell(Guid id, CancellationToken ct)
    {
        // Whoever tells holds this row until it has; whoever waited for it reads what there is by then.
        var (position, isDepositTold) = await db.ReadFirst(
            $"""
            insert into booking.letters as l (booking_id, position, deposit_back) values ({id}, 0, false)
            on conflict (booking_id) do update set position = l.position returning position, deposit_back
            """, row => (row.GetInt32(0), row.GetBoolean(1)), ct);
        var booking = await Read(id, ct);
        ReservationEvent[] timeline = [.. booking.Timeline.OrderBy(happened => happened.Position)];
        var address = await db.ReadFirst($"select address from booking.listings where id = {booking.ListingId}", row => row.IsDBNull(0) ? null : row.GetString(0), ct);
        foreach (var happened in timeline.Where(happened => happened.Position > position))
            TellOf(booking, happened, [.. timeline.Where(before => before.Position < happened.Position).Select(before => before.Status)], address);

        var back = booking.Deposit - booking.Claimed;
        var isDepositBack = booking.DepositBackAt is not null;
        if (isDepositBack && !isDepositTold && back > 0)
            mail.Send(booking.RenterId, new DepositReturned(BookingFacts.Of(booking), new(back, booking.Currency)));
        db.Write($"update booking.letters set position = {timeline[^1].Position}, deposit_back = {isDepositBack} where booking_id = {id}");
    }

    private void TellOf(Reservation booking, ReservationEvent happened, BookingStatus[] before, string? address)
    {
        var facts = BookingFacts.Of(booking);
        // What was asked back in all until now: nothing goes back twice, and a part may have gone before.
        Money? back = booking.RefundAsked > 0 ? new(booking.RefundAsked, booking.Currency) : null;
        var waitsUntil = booking.Status == happened.Status ? booking.ExpiresAt : null;
        switch (happened.Status)
        {
            case BookingStatus.Requested:
                mail.Send(booking.OwnerId, new BookingRequested(facts, waitsUntil, IsPaid: false));
                break;
            case BookingStatus.Paid when !booking.Instant && booking.BasketId is not null:
                mail.Send(booking.OwnerId, new BookingRequested(facts, waitsUntil, IsPaid: true));
                break;
            case BookingStatus.Pending when before is [.., BookingStatus.Requested] && booking.Total > 0:
                mail.Send(booking.RenterId, new BookingAccepted(facts, happened.Reason, waitsUntil));
                break;
            case BookingStatus.Confirmed when before.Contains(BookingStatus.Confirmed):
                mail.Send(booking.RenterId, new BookingMoved(facts));
                mail.Send(booking.OwnerId, new BookingMoved(facts));
                break;
            case BookingStatus.Confirmed:
                mail.Send(booking.RenterId, new BookingConfirmed(facts, IsForOwner: false, address));
                mail.Send(booking.OwnerId, new BookingConfirmed(facts, IsForOwner: true, Address: null));
                break;
            case BookingStatus.Declined:
                var isTaken = happened.MadeBy == Actor.System;
                mail.Send(booking.RenterId, new BookingDeclined(facts, isTaken ? null : happened.Reason, isTaken, back));
                break;
            case BookingStatus.Cancelled:
                mail.Send(booking.RenterId, new BookingCancelled(facts, happened.Reason, back));
                // Of one that was only held they have never heard.
                if (before.Any(status => status is BookingStatus.Requested or BookingStatus.Paid or BookingStatus.Confirmed))
                    mail.Send(booking.OwnerId, new BookingCancelled(facts, happened.Reason, back));
                break;
            case BookingStatus.Expired:
                mail.Send(booking.RenterId, new BookingExpired(facts, happened.Reason == Reservation.Unanswered, back));
                break;
            case BookingStatus.Completed when happened.MadeBy != Actor.System:
                mail.Send(booking.RenterId, new DepositClaimed(facts, new(booking.Claimed, booking.Currency), happened.Reason));
                break;
            default:
                break;
        }
    }

    private Task<Reservation> Read(Guid id, CancellationToken ct) => db.Set<Reservation>().AsNoTracking().Include(booking => booking.Timeline).SingleAsync(booking => booking.Id == id, ct);
}
