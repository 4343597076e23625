using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Finds what was not answered or paid in time and has each end, as a job of its own: one that cannot holds up no other, and no lock is held for many.</summary>
internal sealed class ExpireBookings(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "booking.expire-bookings";

    /// <summary>How often it looks, and so how late a booking may expire that nobody is in the way of.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>Bookings a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = await db.Read(
            $"""
            (select id from booking.bookings where status in ('requested', 'pending', 'paid') and expires_at <= {now} order by expires_at limit {AtMost})
            union (select booking_id from booking.booking_changes where status = 'pending' and expires_at <= {now} order by expires_at limit {AtMost})
            """, row => row.GetGuid(0), ct);
        foreach (var id in due)
            db.Schedule(ExpireBooking.Kind, new ExpireBooking.Message(id), now, $"{ExpireBooking.Kind}:{id}");
    }
}

/// <summary>Ends what of a booking was not answered or paid in time: the booking, or another time for it.</summary>
internal sealed class ExpireBooking(Db db, Ending ending, TimeProvider clock) : IHandle<ExpireBooking.Message>
{
    public const string Kind = "booking.expire-booking";

    internal sealed record Message(Guid BookingId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        // A payment that comes in waits here, or we wait for it: whoever is second sees what the first has done.
        if (await Reservation.Lock(db, message.BookingId, ct) is not var (booking, _))
            return;
        var now = clock.GetUtcNow();
        await ending.Expire(booking, now, ct);
        await ending.ExpireChange(booking, now, ct);
    }
}
