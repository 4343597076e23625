using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Another time for a booking that costs more: held beside the old one until the difference is paid. Amounts are minor units of the booking's currency.</summary>
internal sealed class Change
{
    public required Guid Id { get; init; }
    public required Guid BookingId { get; init; }
    public ChangeStatus Status { get; private set; }
    public required DateTimeOffset StartsAt { get; init; }
    public required DateTimeOffset EndsAt { get; init; }
    public required DateTimeOffset HeldFrom { get; init; }
    public required DateTimeOffset HeldUntil { get; init; }
    public int[]? Units { get; init; }
    public required IReadOnlyList<PriceLine> Lines { get; init; }
    public required long Total { get; init; }
    public required long Difference { get; init; }
    public long Refunded { get; private set; }
    public Guid? PaymentId { get; private set; }
    public PaymentStatus PaymentStatus { get; private set; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required Actor MadeBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    public Period Period => new(StartsAt, EndsAt);

    public Period Held => new(HeldFrom, HeldUntil);

    /// <summary>Finds the change of a booking that waits for its payment, if there is one. The booking is locked by the caller.</summary>
    public static async Task<Change?> Waiting(Db db, Guid bookingId, CancellationToken ct) =>
        await db.Set<Change>().FromSql($"select * from booking.booking_changes where booking_id = {bookingId} and status = 'pending' for no key update").SingleOrDefaultAsync(ct);

    /// <summary>The difference is paid, or there is none.</summary>
    public void Do(Guid? paymentId, DateTimeOffset at) => (Status, PaymentStatus, PaymentId, UpdatedAt) = (ChangeStatus.Done, PaymentStatus.Paid, paymentId, at);

    /// <summary>It comes to nothing: its time is over, or its booking is.</summary>
    public void End(ChangeStatus how, DateTimeOffset at) => (Status, UpdatedAt) = (how, at);

    /// <summary>A payment failed. One that came in before stands.</summary>
    public void NoteFailedPayment(DateTimeOffset at)
    {
        if (PaymentStatus == PaymentStatus.Pending)
            (PaymentStatus, UpdatedAt) = (PaymentStatus.Failed, at);
    }

    /// <summary>So much of the payment that paid it has gone back in all. A payment that it never took is none of its business.</summary>
    public bool NoteRefund(Guid paymentId, long inAll, DateTimeOffset at)
    {
        if (PaymentId != paymentId)
            return false;
        (Refunded, UpdatedAt) = (inAll, at);
        PaymentStatus = inAll == 0 ? PaymentStatus.Paid : inAll >= Difference ? PaymentStatus.Refunded : PaymentStatus.PartiallyRefunded;
        return true;
    }
}
