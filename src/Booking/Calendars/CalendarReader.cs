using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;

namespace Quitanda.Booking.Calendars;

/// <summary>Reads when a calendar elsewhere (RFC 5545) is busy. Nothing else of it is kept: neither names nor texts.</summary>
internal sealed class CalendarReader(Listing listing, Period window)
{
    /// <summary>Events of a calendar at the most, and times at which they come within the window.</summary>
    public const int EventsAtMost = 2000;

    private const int DepthAtMost = 8;
    private const int StepsAtMost = 200_000;

    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(listing.TimeZone);
    private readonly Effort _effort = new(StepsAtMost);

    /// <summary>The times at which it is busy, in order and apart from each other, whole days or quarters of an hour as the listing is rented out. Events of the listing's own calendar are passed over.</summary>
    /// <exception cref="FeedException">It cannot be read, or says more than is read. Then none of it is known: what is left out might be busy.</exception>
    public List<Period> Busy(string text)
    {
        var events = Events(text);
        var moved = events.Where(one => one.Replaces is not null).ToLookup(one => one.Uid, one => Time(one.Replaces!), StringComparer.Ordinal);
        List<Period> busy = [];
        foreach (var one in events)
        {
            if (one.IsCancelled || one.IsFree || OwnCalendar.IsOf(one.Uid, listing.Id))
                continue;
            foreach (var time in Times(one, one.Replaces is null ? moved[one.Uid].ToList() : []))
                if (time.Until > time.From && time.Overlaps(window))
                {
                    busy.Add(Closed(time));
                    if (busy.Count > EventsAtMost)
                        throw TooMany();
                }
        }

        return Merged(busy);
    }

    private static List<CalendarEvent> Events(string text)
    {
        List<CalendarEvent> events = [];
        Stack<string> within = new();
        CalendarEvent? current = null;
        var hasBegun = false;
        foreach (var line in ContentLine.Read(text.TrimStart('\uFEFF', ' ', '\r', '\n', '\t')))
        {
            var name = line.Value.Trim().ToUpperInvariant();
            if (Is(line, nameof(Bracket.Begin)))
            {
                if ((within.Count == 0 && name != "VCALENDAR") || within.Count >= DepthAtMost)
                    throw NoCalendar();
                hasBegun = true;
                if (name == "VEVENT" && within.Count == 1)
                    events.Add(current = events.Count < EventsAtMost ? new() : throw TooMany());
                within.Push(name);
            }
            else if (Is(line, nameof(Bracket.End)))
            {
                if (within.Count == 0 || within.Pop() != name)
                    throw NoCalendar();
                if (within.Count == 1)
                    current = null;
            }
            else if (within.Count == 0)
            {
                throw NoCalendar();
            }
            else if (within.Count == 2)
            {
                current?.Take(line);
            }
        }

        // One that breaks off may have had more to say.
        return hasBegun && within.Count == 0 ? events : throw NoCalendar();
    }

    private static bool Is(ContentLine line, string bracket) => line.Name.Equals(bracket, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<Period> Times(CalendarEvent one, List<CalendarTime> moved)
    {
        var start = Time(one.Start ?? throw new FeedException(FeedError.NotACalendar, "An event has no beginning."));
        var length = LengthOf(one, start);
        // Hours that are counted are hours; days, and what ends at a time that is named, go by the clocks on the wall (RFC 5545, 3.3.6).
        var isExact = one.End is null && length.Ticks % TimeSpan.TicksPerDay != 0;
        var (first, last) = (window.From.UtcDateTime.AddDays(-2), window.Until.UtcDateTime.AddDays(2));
        // What is long reaches in from before.
        var before = CalendarTime.Within(CalendarTime.Within(first) - length);
        _effort.Spend(moved.Count);
        var without = one.Without.SelectMany(Each).Select(Time).Concat(moved).ToList();
        var (days, instants) = (without.Where(time => time.IsDay).Select(time => time.Wall).ToHashSet(), without.Select(time => time.Instant).ToHashSet());

        var walls = one.Rules.Count == 0 ? [start.Wall] : one.Rules.SelectMany(rule => Recurrence.Parse(rule, start.Zone).From(start, before, last, _effort));
        HashSet<DateTimeOffset> seen = [];
        foreach (var wall in walls)
        {
            var at = start with { Wall = wall };
            if (wall > before.AddDays(-1) && !days.Contains(wall.Date) && !instants.Contains(at.Instant) && seen.Add(at.Instant))
                yield return new(at.Instant, isExact ? at.Instant + length : (at with { Wall = CalendarTime.Within(wall + length) }).Instant);
        }

        foreach (var line in one.With.SelectMany(Each))
        {
            _effort.Spend();
            var parts = line.Value.Split('/', 2);
            var at = Time(line with { Value = parts[0] });
            if (instants.Contains(at.Instant) || !seen.Add(at.Instant))
                continue;
            var ends = at with { Wall = CalendarTime.Within(at.Wall + length) };
            if (parts is [_, var until])
                ends = CalendarTime.Length(until) is { } own ? at with { Wall = CalendarTime.Within(at.Wall + own) } : Time(line with { Value = until });
            yield return new(at.Instant, ends.Instant);
        }
    }

    /// <summary>How long it is, as it is written.</summary>
    private TimeSpan LengthOf(CalendarEvent one, CalendarTime start)
    {
        var length = one.End is { } end ? WallLength(start, Time(end))
            : one.Length is { } written ? CalendarTime.Length(written) ?? throw new FeedException(FeedError.NotACalendar, "An event has a length that cannot be read.")
            : start.IsDay ? TimeSpan.FromDays(1) : TimeSpan.Zero;
        return start.IsDay && length < TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : length;
    }

    private static TimeSpan WallLength(CalendarTime start, CalendarTime end) =>
        end.IsDay == start.IsDay && end.Zone.Equals(start.Zone) ? end.Wall - start.Wall : TimeZoneInfo.ConvertTime(end.Instant, start.Zone).DateTime - start.Wall;

    private CalendarTime Time(ContentLine line) => CalendarTime.Parse(line.Value, line.Zone, _zone);

    private IEnumerable<ContentLine> Each(ContentLine line)
    {
        foreach (var value in line.Value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            _effort.Spend();
            yield return line with { Value = value };
        }
    }

    /// <summary>What is closed for it: all days that it touches, or all quarters of an hour, as far as they are looked at.</summary>
    private Period Closed(Period time)
    {
        var seen = new Period(time.From < window.From ? window.From : time.From, time.Until > window.Until ? window.Until : time.Until);
        var clock = listing.Clock;
        if (listing.Unit == RentalUnit.Day)
            return clock.Days(clock.DayOf(seen.From), clock.LastDayOf(seen));
        var step = ListingClock.Step.Ticks;
        return new(new(seen.From.UtcTicks / step * step, TimeSpan.Zero), new((seen.Until.UtcTicks + step - 1) / step * step, TimeSpan.Zero));
    }

    private static List<Period> Merged(List<Period> busy)
    {
        List<Period> merged = [];
        foreach (var period in busy.OrderBy(period => period.From))
            if (merged is [.., var last] && period.From < last.Until)
                merged[^1] = last.With(period);
            else
                merged.Add(period);
        return merged;
    }

    private static FeedException NoCalendar() => new(FeedError.NotACalendar, "It is no whole iCalendar object.");

    private static FeedException TooMany() => new(FeedError.TooManyEvents, $"It has more than {EventsAtMost} events.");

    /// <summary>What stands before and after a component.</summary>
    private enum Bracket
    {
        Begin,
        End,
    }

    /// <summary>What is looked at of an event.</summary>
    private sealed class CalendarEvent
    {
        public string Uid { get; private set; } = "";
        public ContentLine? Start { get; private set; }
        public ContentLine? End { get; private set; }
        public string? Length { get; private set; }
        public ContentLine? Replaces { get; private set; }
        public List<string> Rules { get; } = [];
        public List<ContentLine> With { get; } = [];
        public List<ContentLine> Without { get; } = [];
        public bool IsCancelled { get; private set; }
        public bool IsFree { get; private set; }

        public void Take(ContentLine line)
        {
            switch (line.Name)
            {
                case "UID":
                    Uid = line.Value.Trim();
                    break;
                case "DTSTART":
                    Start = line;
                    break;
                case "DTEND":
                    End = line;
                    break;
                case "DURATION":
                    Length = line.Value;
                    break;
                case "RECURRENCE-ID":
                    Replaces = line;
                    break;
                case "RRULE":
                    Rules.Add(line.Value);
                    break;
                case "RDATE":
                    With.Add(line);
                    break;
                case "EXDATE":
                    Without.Add(line);
                    break;
                case "STATUS":
                    IsCancelled = line.Value.Trim().Equals("CANCELLED", StringComparison.OrdinalIgnoreCase);
                    break;
                case "TRANSP":
                    IsFree = line.Value.Trim().Equals("TRANSPARENT", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
    }
}
