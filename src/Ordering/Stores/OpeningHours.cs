using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Runtime.InteropServices;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>One stretch of a day in which the store is open, in the store's own time.</summary>
/// <param name="Day">The day it begins on.</param>
/// <param name="Opens">From <c>00:00</c> to <c>23:59</c>.</param>
/// <param name="Closes">From <c>00:00</c> to <c>24:00</c>. Not after <paramref name="Opens"/> means on the following day.</param>
internal sealed record OpeningInterval(
    DayOfWeek Day,
    [RegularExpression(HoursOfDay.OpensAt, ErrorMessage = "{0} must be a time from 00:00 to 23:59.")] string Opens,
    [RegularExpression(HoursOfDay.ClosesAt, ErrorMessage = "{0} must be a time from 00:00 to 24:00.")] string Closes);

/// <summary>A time in which the store is open without a break. The instant of its end is closed.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Stretch(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Whether an instant is in it.</summary>
    public bool Has(DateTimeOffset instant) => From <= instant && instant < To;
}

/// <summary>When the store is open, on the clock of its own time zone.</summary>
/// <remarks>
/// An interval is turned into two instants before anything is compared, so that it lasts as long as it does on the days when clocks change. A
/// time that the clocks skip is the instant they jump; one they show twice is the first of the two. Intervals that touch or overlap are one stretch:
/// a store that is open until midnight and from midnight on does not close.
/// </remarks>
internal sealed class OpeningHours
{
    private const int MinutesADay = 24 * 60;

    private readonly TimeZoneInfo _zone;
    private readonly (int Opens, int Closes)[][] _week;
    private readonly Dictionary<DateOnly, (int Opens, int Closes)[]> _holidays;
    private readonly bool _isAlways;

    public OpeningHours(IReadOnlyCollection<OpeningInterval> intervals, TimeZoneInfo zone, IReadOnlyCollection<Holiday>? holidays = null)
    {
        _zone = zone;
        _week = [.. Enum.GetValues<DayOfWeek>().Select(day => intervals.Where(interval => interval.Day == day).Select(interval => Minutes(interval.Opens, interval.Closes)).ToArray())];
        _holidays = (holidays ?? []).ToDictionary(holiday => holiday.Date, holiday => Array.ConvertAll(holiday.Hours ?? [], hours => Minutes(hours.Opens, hours.Closes)));
        _isAlways = _holidays.Count == 0 && Array.TrueForAll(_week, day => day.Contains((0, MinutesADay)));
    }

    /// <summary>Whether the store is open at an instant. The instant of closing is closed.</summary>
    public bool IsOpenAt(DateTimeOffset instant)
    {
        if (_isAlways)
            return true;
        var day = DayOf(instant);
        // Yesterday's may run past midnight; tomorrow's may have begun where clocks go back over midnight.
        return On(day).Concat(On(day.AddDays(-1))).Concat(On(day.AddDays(1))).Any(open => open.Has(instant));
    }

    /// <summary>When the store opens next after an instant at which it is closed; null if it never does.</summary>
    public DateTimeOffset? OpensNext(DateTimeOffset after)
    {
        var today = DayOf(after);
        // A week, and one day more for an interval that a change of clocks swallows; holidays may take up any number of days besides.
        for (var days = 0; days <= 15 + _holidays.Count; days++)
        {
            var first = On(today.AddDays(days)).Where(open => open.From > after && open.From < open.To).Select(open => (DateTimeOffset?)open.From).Min();
            if (first is not null)
                return first;
        }

        return null;
    }

    /// <summary>When the store closes that is open at an instant; null where it is closed then, or does not close within a week.</summary>
    public DateTimeOffset? ClosesAt(DateTimeOffset instant)
    {
        if (_isAlways)
            return null;
        var day = DayOf(instant);
        foreach (var days in (int[])[1, 9])
        {
            var stretch = Stretches(day.AddDays(-1), day.AddDays(days)).Find(open => open.Has(instant));
            if (stretch == default)
                return null;
            // What ends before the last day looked at begins is not carried on by anything behind it.
            if (stretch.To < InstantOf(day.AddDays(days), 0))
                return stretch.To;
        }

        return null;
    }

    /// <summary>What the intervals that begin on these days make together, in order, without overlaps.</summary>
    public List<Stretch> Stretches(DateOnly first, DateOnly last)
    {
        List<Stretch> all = [];
        for (var day = first; day <= last; day = day.AddDays(1))
            all.AddRange(On(day).Where(open => open.From < open.To));
        all.Sort((left, right) => left.From.CompareTo(right.From));

        List<Stretch> merged = [];
        foreach (var open in all)
            if (merged is [.., var before] && open.From <= before.To)
                merged[^1] = new(before.From, open.To > before.To ? open.To : before.To);
            else
                merged.Add(open);
        return merged;
    }

    /// <summary>When the day's work is over that an instant belongs to: the end of the last interval that begins on the same day as the one it is in. Null where it is in none.</summary>
    public DateTimeOffset? DayEnds(DateTimeOffset instant)
    {
        var today = DayOf(instant);
        // The night of yesterday's last interval is yesterday's still, unless today's has begun.
        for (var day = today.AddDays(1); day >= today.AddDays(-1); day = day.AddDays(-1))
            if (On(day).Any(open => open.Has(instant)))
                return On(day).Max(open => open.To);
        return null;
    }

    /// <summary>When the day is over that an instant belongs to: at midnight, or at the end of its last interval where that is later.</summary>
    public DateTimeOffset DayIsOver(DateTimeOffset instant)
    {
        var today = DayOf(instant);
        // The night of yesterday's last interval is yesterday's still, unless today's has begun.
        var day = !On(today).Any(open => open.Has(instant)) && On(today.AddDays(-1)).Any(open => open.Has(instant)) ? today.AddDays(-1) : today;
        return On(day).Select(open => open.To).Append(BeginningOf(day.AddDays(1))).Max();
    }

    /// <summary>Whether the day that an instant falls on has hours of its own.</summary>
    public bool IsHoliday(DateTimeOffset instant) => _holidays.ContainsKey(DayOf(instant));

    /// <summary>An instant on the store's own clock, for people to read.</summary>
    public DateTimeOffset OnTheWall(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, _zone);

    /// <summary>The day that the store's calendar shows at an instant.</summary>
    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(OnTheWall(instant).DateTime);

    /// <summary>When a day begins.</summary>
    public DateTimeOffset BeginningOf(DateOnly day) => InstantOf(day, 0);

    private IEnumerable<Stretch> On(DateOnly day) =>
        (_holidays.TryGetValue(day, out var own) ? own : _week[(int)day.DayOfWeek]).Select(interval => new Stretch(InstantOf(day, interval.Opens), InstantOf(day, interval.Closes)));

    private DateTimeOffset InstantOf(DateOnly day, int minute) => WallClock.FirstInstantOf(day.ToDateTime(TimeOnly.MinValue).AddMinutes(minute), _zone);

    private static (int Opens, int Closes) Minutes(string from, string to)
    {
        var (opens, closes) = (MinuteOf(from), MinuteOf(to));
        return (opens, closes <= opens ? closes + MinutesADay : closes);
    }

    private static int MinuteOf(string time) =>
        60 * int.Parse(time.AsSpan(0, 2), CultureInfo.InvariantCulture) + int.Parse(time.AsSpan(3, 2), CultureInfo.InvariantCulture);
}
