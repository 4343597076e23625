using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Letters;
using Quitanda.Platform;

namespace Quitanda.Booking.Reminders;

/// <summary>
/// Reminds renter and owner of a booking that begins soon: once for each beginning that it had, so that one that is moved is reminded of when its new time comes. One that was made later than that is not:
/// they have just been told.
/// </summary>
internal sealed class RemindOfBookings(Db db, IMail mail, TimeProvider clock, IOptions<BookingSettings> settings) : IHandle<Tick>
{
    public const string Kind = "booking.remind-of-bookings";

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    /// <summary>Bookings a tick; the next one takes the rest.</summary>
    private const int AtMost = 500;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var (now, ahead) = (clock.GetUtcNow(), TimeSpan.FromHours(settings.Value.ReminderHours));
        if (ahead == TimeSpan.Zero)
            return;
        // Noted with the letters, in one commit: neither is there without the other.
        var due = await db.Read(
            $"""
            insert into booking.reminders (booking_id, starts_at, created_at)
            select b.id, b.starts_at, {now} from booking.bookings b
            -- One that was paid in another system was booked when it was made there.
            where b.status = 'confirmed' and b.starts_at > {now} and b.starts_at <= {now + ahead} and coalesce(b.paid_at, b.created_at) <= b.starts_at - {ahead}
                and not exists (select from booking.reminders r where r.booking_id = b.id and r.starts_at = b.starts_at)
            order by b.starts_at limit {AtMost}
            on conflict do nothing returning booking_id
            """, row => row.GetGuid(0), ct);
        if (due.Count == 0)
            return;
        var addresses = (await db.Read(
            $"select b.id, l.address from booking.bookings b join booking.listings l on l.id = b.listing_id where b.id = any({due.ToArray()})",
            row => (Id: row.GetGuid(0), Address: row.IsDBNull(1) ? null : row.GetString(1)), ct)).ToDictionary(row => row.Id, row => row.Address);
        foreach (var booking in await db.Set<Reservation>().AsNoTracking().Where(booking => due.Contains(booking.Id)).OrderBy(booking => booking.Id).ToListAsync(ct))
        {
            var facts = BookingFacts.Of(booking);
            // After it has begun it is no reminder any more.
            mail.Send(booking.RenterId, new BookingSoon(facts, IsForOwner: false, addresses[booking.Id]), booking.StartsAt);
            mail.Send(booking.OwnerId, new BookingSoon(facts, IsForOwner: true, Address: null), booking.StartsAt);
        }
    }
}
