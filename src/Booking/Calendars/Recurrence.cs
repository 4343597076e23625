using System.Globalization;

namespace Quitanda.Booking.Calendars;

/// <summary>
/// A rule by which an event comes again (RFC 5545, 3.3.10): daily, weekly, monthly or yearly, with <c>INTERVAL</c>, <c>COUNT</c>, <c>UNTIL</c>, <c>BYDAY</c>, <c>BYMONTHDAY</c>, <c>BYMONTH</c>,
/// <c>BYSETPOS</c> and <c>WKST</c>. Others, which nobody rents by, are refused rather than guessed at.
/// </summary>
internal sealed class Recurrence
{
    private static readonly string[] Days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    private string _every = "";
    private int _interval = 1;
    private int? _count;
    private CalendarTime? _until;
    private (int Ordinal, DayOfWeek Day)[] _byDay = [];
    private int[] _byMonthDay = [], _byMonth = [], _bySetPos = [];
    private DayOfWeek _weekStart = DayOfWeek.Monday;

    /// <summary>Reads a rule.</summary>
    /// <exception cref="FeedException">It is none, or one of those that are not understood.</exception>
    public static Recurrence Parse(string rule, TimeZoneInfo zone)
    {
        var read = new Recurrence();
        foreach (var part in rule.Trim().Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var left, var right] ? (left.Trim().ToUpperInvariant(), right.Trim().ToUpperInvariant()) : throw Refused();
            switch (name)
            {
                case "FREQ" when value is "DAILY" or "WEEKLY" or "MONTHLY" or "YEARLY":
                    read._every = value;
                    break;
                case "INTERVAL":
                    read._interval = Number(value, 1, 10_000);
                    break;
                case "COUNT":
                    read._count = Number(value, 1, int.MaxValue);
                    break;
                case "UNTIL":
                    read._until = CalendarTime.Parse(value, zone: null, zone);
                    break;
                case "BYDAY":
                    read._byDay = [.. value.Split(',').Select(day => day.Length < 2 ? throw Refused() : (day.Length == 2 ? 0 : Number(day[..^2], -53, 53), DayOf(day[^2..]))).Distinct()];
                    break;
                case "BYMONTHDAY":
                    read._byMonthDay = Numbers(value, -31, 31);
                    break;
                case "BYMONTH":
                    read._byMonth = Numbers(value, 1, 12);
                    break;
                case "BYSETPOS":
                    read._bySetPos = Numbers(value, -366, 366);
                    break;
                case "WKST":
                    read._weekStart = DayOf(value);
                    break;
                default:
                    throw Refused();
            }
        }

        return read._every.Length > 0 ? read : throw Refused();
    }

    /// <summary>The times at which it comes, the first included, in order and until <paramref name="last"/>. Without a <c>COUNT</c> those before <paramref name="first"/> may be left out.</summary>
    /// <exception cref="FeedException">There is more to reckon than is worth it.</exception>
    public IEnumerable<DateTime> From(CalendarTime start, DateTime first, DateTime last, Effort effort)
    {
        var counted = 1;
        yield return start.Wall;
        for (var step = _count is null ? StepBefore(start.Wall, first) : 0; ; step++)
        {
            effort.Spend();
            if (BaseOf(start.Wall, step) is not { } begins || begins > last)
                yield break;
            foreach (var day in Picked(Set(start.Wall, begins, effort)))
            {
                effort.Spend();
                var wall = day + start.Wall.TimeOfDay;
                if (wall <= start.Wall)
                    continue;
                if (wall > last || counted == _count || IsOver(start with { Wall = wall }))
                    yield break;
                counted++;
                yield return wall;
            }
        }
    }

    private bool IsOver(CalendarTime at) => _until is { } until && (until.IsDay ? at.Wall.Date > until.Wall : at.Instant > until.Instant);

    /// <summary>A step that surely lies before a time, and not far before it.</summary>
    private int StepBefore(DateTime start, DateTime first)
    {
        var days = (first - start).TotalDays;
        var units = _every switch { "DAILY" => days, "WEEKLY" => days / 7, "MONTHLY" => days / 31, _ => days / 366 };
        return Math.Max(0, (int)(units / _interval) - 1);
    }

    /// <summary>Where a step's days begin; null beyond the calendar.</summary>
    private DateTime? BaseOf(DateTime start, int step)
    {
        var units = (long)step * _interval;
        if (units > 120_000)
            return null;
        var day = start.Date;
        return _every switch
        {
            "DAILY" => day.AddDays(units),
            "WEEKLY" => day.AddDays(-(((int)day.DayOfWeek - (int)_weekStart + 7) % 7) + 7 * units),
            "MONTHLY" => units > 3600 ? null : new DateTime(day.Year, day.Month, 1).AddMonths((int)units),
            _ => units > 300 ? null : new DateTime(day.Year, 1, 1).AddYears((int)units),
        };
    }

    private List<DateTime> Set(DateTime start, DateTime begins, Effort effort)
    {
        IEnumerable<DateTime> days = _every switch
        {
            "DAILY" => [begins],
            "WEEKLY" => Enumerable.Range(0, 7).Select(day => begins.AddDays(day)).Where(day => _byDay.Length == 0 ? day.DayOfWeek == start.DayOfWeek : IsNamed(day)),
            "MONTHLY" => InMonth(begins, start.Day),
            _ => InYear(begins, start),
        };
        List<DateTime> set = [];
        foreach (var day in days)
        {
            effort.Spend();
            if ((_byMonth.Length == 0 || _byMonth.Contains(day.Month))
                && (_every is not "DAILY" || ((_byDay.Length == 0 || IsNamed(day)) && (_byMonthDay.Length == 0 || _byMonthDay.Any(number => DayIn(day, number) == day)))))
                set.Add(day);
        }

        set.Sort();
        return set;
    }

    private IEnumerable<DateTime> InYear(DateTime begins, DateTime start)
    {
        var months = Enumerable.Range(1, 12).Where(month => _byMonth.Length == 0 || _byMonth.Contains(month)).Select(month => new DateTime(begins.Year, month, 1));
        if (_byMonthDay.Length == 0 && _byDay.Length > 0 && _byMonth.Length == 0)
            return Named(begins, DateTime.IsLeapYear(begins.Year) ? 366 : 365);
        if (_byMonthDay.Length == 0 && _byDay.Length == 0 && _byMonth.Length == 0)
            months = [new DateTime(begins.Year, start.Month, 1)];
        return months.SelectMany(month => InMonth(month, start.Day));
    }

    private IEnumerable<DateTime> InMonth(DateTime month, int day)
    {
        var length = DateTime.DaysInMonth(month.Year, month.Month);
        if (_byMonthDay.Length > 0)
            return _byMonthDay.Select(number => DayIn(month, number)).OfType<DateTime>().Distinct().Where(found => _byDay.Length == 0 || IsNamed(found));
        return _byDay.Length > 0 ? Named(month, length) : day <= length ? [month.AddDays(day - 1)] : [];
    }

    /// <summary>The days of a month or a year that <c>BYDAY</c> names: all Mondays, or the second, or the last.</summary>
    private IEnumerable<DateTime> Named(DateTime begins, int length) => Enumerable.Range(0, length).Where(at =>
    {
        var (day, before, after) = (begins.AddDays(at).DayOfWeek, at / 7 + 1, (length - 1 - at) / 7 + 1);
        return _byDay.Any(named => named.Day == day && (named.Ordinal == 0 || named.Ordinal == before || named.Ordinal == -after));
    }).Select(at => begins.AddDays(at));

    private bool IsNamed(DateTime day) => _byDay.Any(named => named.Day == day.DayOfWeek);

    private IEnumerable<DateTime> Picked(List<DateTime> set) => _bySetPos.Length == 0 ? set
        : _bySetPos.Select(at => at > 0 ? at - 1 : set.Count + at).Where(at => at >= 0 && at < set.Count).Distinct().Order().Select(at => set[at]);

    private static DateTime? DayIn(DateTime month, int number)
    {
        var length = DateTime.DaysInMonth(month.Year, month.Month);
        var day = number > 0 ? number : length + number + 1;
        return number != 0 && day >= 1 && day <= length ? new DateTime(month.Year, month.Month, day) : null;
    }

    private static DayOfWeek DayOf(string name) => Array.IndexOf(Days, name) is >= 0 and var at ? (DayOfWeek)at : throw Refused();

    private static int[] Numbers(string values, int least, int most) => [.. values.Split(',').Select(value => Number(value, least, most)).Distinct()];

    private static int Number(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw Refused();

    private static FeedException Refused() => new(FeedError.UnsupportedRecurrence, "An event comes again by a rule that is not understood.");
}

/// <summary>How much may be reckoned for one calendar.</summary>
internal sealed class Effort(int steps)
{
    private int _left = steps;

    /// <exception cref="FeedException">All of it is spent.</exception>
    public void Spend(int steps = 1)
    {
        _left -= steps;
        if (_left < 0)
            throw new FeedException(FeedError.TooManyEvents, "Its events come again too often.");
    }
}
