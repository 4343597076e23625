using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Finds the bookings whose time is over, and the deposits whose time for claims is, and has each one dealt with as a job of its own.</summary>
internal sealed class CompleteBookings(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "booking.complete-bookings";

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Bookings a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = await db.Read(
            $"""
            (select id from booking.bookings where status = 'confirmed' and ends_at <= {now} order by ends_at limit {AtMost})
            union (select id from booking.bookings where deposit_due_at <= {now} and deposit_back_at is null order by deposit_due_at limit {AtMost})
            """, row => row.GetGuid(0), ct);
        foreach (var id in due)
            db.Schedule(CompleteBooking.Kind, new CompleteBooking.Message(id), now, $"{CompleteBooking.Kind}:{id}");
    }
}

/// <summary>Completes a booking whose time is over: its owner has earned it. After the time for claims, what of the deposit was not claimed goes back.</summary>
internal sealed class CompleteBooking(Db db, Settling settling, Ending ending, TimeProvider clock, IOptions<BookingSettings> settings) : IHandle<CompleteBooking.Message>
{
    public const string Kind = "booking.complete-booking";

    internal sealed record Message(Guid BookingId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (await Reservation.Lock(db, message.BookingId, ct) is not var (booking, _))
            return;
        var now = clock.GetUtcNow();
        if (booking.Complete(now, TimeSpan.FromHours(settings.Value.ClaimHours)))
        {
            await ending.EndChange(booking, booking.Units, Bookings.ChangeStatus.Expired, ct);
            settling.Settle(booking);
            db.Publish(booking.Changed);
        }

        if (booking.EndClaims(now) is { } back)
        {
            await settling.Refund(booking, back, "deposit", ct);
            db.Publish(booking.Changed);
        }
    }
}
