using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Quitanda.Ordering.Stores;

/// <summary>One stretch of a day in which the store is open, in the store's own time.</summary>
/// <param name="Day">The day it begins on.</param>
/// <param name="Opens">From <c>00:00</c> to <c>23:59</c>.</param>
/// <param name="Closes">From <c>00:00</c> to <c>24:00</c>. Not after <paramref name="Opens"/> means on the following day.</param>
internal sealed record OpeningInterval(
    DayOfWeek Day,
    [RegularExpression("^([01][0-9]|2[0-3]):[0-5][0-9]$", ErrorMessage = "{0} must be a time from 00:00 to 23:59.")] string Opens,
    [RegularExpression("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", ErrorMessage = "{0} must be a time from 00:00 to 24:00.")] string Closes);

/// <summary>When the store is open, on the clock of its own time zone.</summary>
/// <remarks>
/// An interval is turned into two instants before anything is compared, so that it lasts as long as it does on the days when clocks change. A
/// time that the clocks skip is the instant they jump; one they show twice is the first of the two.
/// </remarks>
internal sealed class OpeningHours
{
    private const int MinutesADay = 24 * 60;

    private readonly TimeZoneInfo _zone;
    private readonly ILookup<DayOfWeek, (int Opens, int Closes)> _byDay;
    private readonly bool _isAlways;

    public OpeningHours(IReadOnlyCollection<OpeningInterval> intervals, TimeZoneInfo zone)
    {
        _zone = zone;
        _byDay = intervals.ToLookup(interval => interval.Day, interval =>
        {
            var (opens, closes) = (MinuteOf(interval.Opens), MinuteOf(interval.Closes));
            return (opens, closes <= opens ? closes + MinutesADay : closes);
        });
        _isAlways = Enum.GetValues<DayOfWeek>().All(day => _byDay[day].Contains((0, MinutesADay)));
    }

    /// <summary>Whether the store is open at an instant. The instant of closing is closed.</summary>
    public bool IsOpenAt(DateTimeOffset instant)
    {
        if (_isAlways)
            return true;
        var day = DayOf(instant);
        // Yesterday's may run past midnight; tomorrow's may have begun where clocks go back over midnight.
        return On(day).Concat(On(day.AddDays(-1))).Concat(On(day.AddDays(1))).Any(open => open.From <= instant && instant < open.To);
    }

    /// <summary>When the store opens next after an instant at which it is closed; null if it never does.</summary>
    public DateTimeOffset? OpensNext(DateTimeOffset after)
    {
        var today = DayOf(after);
        // A week, and one day more for an interval that a change of clocks swallows.
        for (var days = 0; days <= 15; days++)
        {
            var first = On(today.AddDays(days)).Where(open => open.From > after && open.From < open.To).Select(open => (DateTimeOffset?)open.From).Min();
            if (first is not null)
                return first;
        }

        return null;
    }

    /// <summary>An instant on the store's own clock, for people to read.</summary>
    public DateTimeOffset OnTheWall(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, _zone);

    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> On(DateOnly day) =>
        _byDay[day.DayOfWeek].Select(interval => (InstantOf(day, interval.Opens), InstantOf(day, interval.Closes)));

    private DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(OnTheWall(instant).DateTime);

    private DateTimeOffset InstantOf(DateOnly day, int minute) => FirstInstantOf(day.ToDateTime(TimeOnly.MinValue).AddMinutes(minute), _zone);

    /// <summary>The first instant at which the zone's clocks show a time, or pass it where they skip it.</summary>
    public static DateTimeOffset FirstInstantOf(DateTime wall, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(wall))
        {
            // The clocks jump at the same instant whichever offset one counts with: go back to the last minute they did show.
            var before = wall;
            while (zone.IsInvalidTime(before))
                before = before.AddMinutes(-1);
            return new DateTimeOffset(before, zone.GetUtcOffset(before)).AddMinutes(1);
        }

        // Of two offsets the larger one is the earlier instant.
        var offset = zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset);
    }

    private static int MinuteOf(string time) =>
        60 * int.Parse(time.AsSpan(0, 2), CultureInfo.InvariantCulture) + int.Parse(time.AsSpan(3, 2), CultureInfo.InvariantCulture);
}
