using System.Globalization;
using System.Text;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>
/// When a listing is taken, as an iCalendar object (RFC 5545): its bookings, without a word of whose they are, and what its owner closed. What calendars elsewhere closed is left out: two that read each
/// other would keep each other closed for ever.
/// </summary>
internal sealed class OwnCalendar(Db db, FreeTimes freeTimes)
{
    /// <summary>Days after its end that something is still shown.</summary>
    private const int DaysKept = 30;

    private const int EventsAtMost = 5000;

    private const string ByUs = ".listing.quitanda";

    /// <summary>Whether an event with this UID is one that a listing's own calendar says, wherever it is read.</summary>
    public static bool IsOf(string uid, Guid listingId) => uid.EndsWith($"@{listingId:N}{ByUs}", StringComparison.OrdinalIgnoreCase);

    /// <summary>The calendar of a listing, as it is now.</summary>
    public async Task<byte[]> Write(Listing listing, DateTimeOffset now, CancellationToken ct)
    {
        var since = now.AddDays(-DaysKept);
        var events = await db.Read(
            $"""
            (select b.id, b.starts_at, b.ends_at, b.quantity, b.status, b.created_at, b.updated_at, (select max(position) from booking.booking_events where booking_id = b.id)
             from booking.bookings b
             where b.listing_id = {listing.Id} and b.status in ('pending', 'paid', 'confirmed', 'completed') and b.ends_at > {since} order by b.starts_at, b.id limit {EventsAtMost})
            union all
            (select c.id, c.starts_at, c.ends_at, c.quantity, null, c.created_at, c.created_at, 1
             from booking.blocks c where c.listing_id = {listing.Id} and c.feed_id is null and c.ends_at > {since} order by c.starts_at, c.id limit {EventsAtMost})
            order by 2, 1
            """, row => new Event(
                row.GetGuid(0), new(row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)), row.GetInt32(3), row.IsDBNull(4) ? null : Wire.Parse<BookingStatus>(row.GetString(4)),
                row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetInt32(7)), ct);
        var taken = new TakenTimes(listing, listing.Units == 1 || events.Count == 0 ? [] : await freeTimes.Taken(listing, new(events[0].Period.From, events.Max(one => one.Period.Until)), ct));

        var text = new StringBuilder();
        foreach (var line in (string[])["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Quitanda//Bookings//EN", "CALSCALE:GREGORIAN", $"NAME:{ContentLine.Text(listing.Title)}",
            $"X-WR-CALNAME:{ContentLine.Text(listing.Title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"])
            ContentLine.Append(text, line);
        foreach (var one in events)
            foreach (var line in Lines(one, listing, taken))
                ContentLine.Append(text, line);
        ContentLine.Append(text, "END:VCALENDAR");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static IEnumerable<string> Lines(Event one, Listing listing, TakenTimes taken)
    {
        var word = one.Status is null ? "Not available" : "Reserved";
        yield return "BEGIN:VEVENT";
        yield return $"UID:{one.Id:D}@{listing.Id:N}{ByUs}";
        // Without a METHOD it says when the event was last changed (RFC 5545, 3.8.7.2): so the same calendar is the same bytes.
        yield return $"DTSTAMP:{Utc(one.UpdatedAt)}";
        yield return $"CREATED:{Utc(one.CreatedAt)}";
        yield return $"LAST-MODIFIED:{Utc(one.UpdatedAt)}";
        yield return string.Create(CultureInfo.InvariantCulture, $"SEQUENCE:{one.Changes - 1}");
        if (listing.Unit == RentalUnit.Day)
        {
            yield return $"DTSTART;VALUE=DATE:{Day(listing.Clock.DayOf(one.Period.From))}";
            yield return $"DTEND;VALUE=DATE:{Day(listing.Clock.LastDayOf(one.Period).AddDays(1))}";
        }
        else
        {
            yield return $"DTSTART:{Utc(one.Period.From)}";
            yield return $"DTEND:{Utc(one.Period.Until)}";
        }

        yield return listing.Units == 1 ? $"SUMMARY:{word}" : string.Create(CultureInfo.InvariantCulture, $"SUMMARY:{word} ({one.Quantity} of {listing.Units})");
        yield return one.Status == BookingStatus.Pending ? "STATUS:TENTATIVE" : "STATUS:CONFIRMED";
        // Where another unit could still be booked for all of that time, it keeps nobody else out.
        yield return listing.Units > 1 && taken.FreeUnits(one.Period) > 0 ? "TRANSP:TRANSPARENT" : "TRANSP:OPAQUE";
        yield return "END:VEVENT";
    }

    private static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <param name="Id">Of the booking or the block.</param>
    /// <param name="Period">Without what stays free around it.</param>
    /// <param name="Quantity">Units.</param>
    /// <param name="Status">Of the booking; null for a block.</param>
    /// <param name="CreatedAt">When it was made.</param>
    /// <param name="UpdatedAt">When it was last changed.</param>
    /// <param name="Changes">How often it was, with its making.</param>
    private sealed record Event(Guid Id, Period Period, int Quantity, BookingStatus? Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, int Changes);
}
