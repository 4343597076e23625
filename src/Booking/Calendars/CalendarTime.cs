using System.Globalization;
using System.Runtime.InteropServices;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>A day or a time as an iCalendar object says it: what clocks show, and where.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CalendarTime(DateTime Wall, TimeZoneInfo Zone, bool IsDay)
{
    /// <summary>What is earlier or later than this is taken for it: nobody rents then, and no reckoning with it leaves the calendar.</summary>
    private static readonly DateTime Earliest = new(1900, 1, 1), Latest = new(2200, 1, 1);

    private const int LongestZone = 100, LongestDays = 3660;

    /// <summary>The instant. A time that two instants show is the first; one that none shows is reckoned by the clocks of before (RFC 5545, 3.3.5).</summary>
    public DateTimeOffset Instant => (IsDay ? WallClock.BeginningOf(DateOnly.FromDateTime(Wall), Zone)
        : Zone.IsInvalidTime(Wall) ? new DateTimeOffset(Wall, Zone.GetUtcOffset(Wall)) : WallClock.FirstInstantOf(Wall, Zone)).ToUniversalTime();

    /// <summary>Reads a day or a time.</summary>
    /// <param name="value">Such as <c>20260301</c>, <c>20260301T140000</c> or <c>20260301T170000Z</c>.</param>
    /// <param name="zone">What <c>TZID</c> says of it.</param>
    /// <param name="own">Where it is if nothing says so; days are always those.</param>
    /// <exception cref="FeedException">It is neither, or nobody knows the zone.</exception>
    public static CalendarTime Parse(string value, string? zone, TimeZoneInfo own)
    {
        var text = value.Trim();
        if (DateTime.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new(Within(day), own, IsDay: true);
        var isUtc = text.EndsWith('Z');
        if (!DateTime.TryParseExact(isUtc ? text[..^1] : text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            throw new FeedException(FeedError.NotACalendar, "It has a time that cannot be read.");
        return new(Within(time), isUtc ? TimeZoneInfo.Utc : zone is null ? own : Find(zone), IsDay: false);
    }

    /// <summary>A length such as <c>P1DT2H</c> (RFC 5545, 3.3.6). What is below zero or longer than ten years is none.</summary>
    public static TimeSpan? Length(string value)
    {
        var (total, number) = (0L, -1L);
        var text = value.Trim().TrimStart('+');
        if (text is not ['P', ..])
            return null;
        foreach (var letter in text.AsSpan(1))
        {
            if (char.IsAsciiDigit(letter))
            {
                number = Math.Min((number < 0 ? 0 : number * 10) + (letter - '0'), 400_000_000);
                continue;
            }

            if (letter == 'T')
                continue;
            var unit = letter switch { 'W' => 604_800, 'D' => 86_400, 'H' => 3600, 'M' => 60, 'S' => 1, _ => 0 };
            if (unit == 0 || number < 0)
                return null;
            // Of as many digits as may be: what is too long stays so and nothing overflows.
            total = Math.Min(total + number * unit, long.MaxValue / 4);
            number = -1;
        }

        return number >= 0 || total > LongestDays * 86_400L ? null : TimeSpan.FromSeconds(total);
    }

    public static DateTime Within(DateTime wall) => wall < Earliest ? Earliest : wall > Latest ? Latest : wall;

    /// <summary>A zone by its IANA name, also behind a maker's prefix, or by its name on Windows. What is asked of the system is never a path.</summary>
    private static TimeZoneInfo Find(string name)
    {
        if (name.Length <= LongestZone)
        {
            if (TimeZoneInfo.TryConvertWindowsIdToIanaId(name, out var iana) && TimeZoneInfo.TryFindSystemTimeZoneById(iana, out var known))
                return known;
            var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (var skipped = 0; skipped < parts.Length; skipped++)
            {
                var rest = string.Join('/', parts[skipped..]);
                if (rest.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '+' or '-' or '/') && TimeZoneInfo.TryFindSystemTimeZoneById(rest, out known))
                    return known;
            }
        }

        throw new FeedException(FeedError.UnknownTimeZone, "It names a time zone that is not known.");
    }
}
