using System.Runtime.InteropServices;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>From one instant on, and before another.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Period(DateTimeOffset From, DateTimeOffset Until)
{
    public bool Overlaps(Period other) => From < other.Until && other.From < Until;

    /// <summary>From the earlier beginning to the later end.</summary>
    public Period With(Period other) => new(From < other.From ? From : other.From, Until > other.Until ? Until : other.Until);
}

/// <summary>How a listing's days and hours lie in time. What is by the day lasts from the beginning of its first day to that of the day after its last, however long those are.</summary>
internal sealed class ListingClock(RentalUnit unit, TimeZoneInfo zone, BufferTime buffer)
{
    /// <summary>What is by the hour begins and ends at such steps, and is counted in them.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    public RentalUnit Unit => unit;

    /// <summary>The day of the listing's calendar at an instant.</summary>
    public DateOnly DayOf(DateTimeOffset instant) => WallClock.DayOf(instant, zone);

    /// <summary>When a day of the listing's calendar begins.</summary>
    public DateTimeOffset BeginningOf(DateOnly day) => WallClock.BeginningOf(day, zone).ToUniversalTime();

    /// <summary>Whole days, from the beginning of the first to the end of the last.</summary>
    public Period Days(DateOnly first, DateOnly last) => new(BeginningOf(first), BeginningOf(last.AddDays(1)));

    /// <summary>The last day of a period of whole days.</summary>
    public DateOnly LastDayOf(Period period) => DayOf(period.Until.AddTicks(-1));

    /// <summary>A period with what stays free around it.</summary>
    public Period WithBuffers(Period period) => unit == RentalUnit.Day
        ? new(BeginningOf(DayOf(period.From).AddDays(-buffer.Before)), BeginningOf(LastDayOf(period).AddDays(1 + buffer.After)))
        : new(period.From.AddMinutes(-buffer.Before), period.Until.AddMinutes(buffer.After));

    /// <summary>The cells of time that a period lies in: days, or quarters of an hour. Each by its beginning.</summary>
    public IEnumerable<DateTimeOffset> Cells(Period period)
    {
        if (unit == RentalUnit.Day)
        {
            for (var day = DayOf(period.From); BeginningOf(day) < period.Until; day = day.AddDays(1))
                yield return BeginningOf(day);
            yield break;
        }

        for (var at = new DateTimeOffset(period.From.UtcTicks - period.From.UtcTicks % Step.Ticks, TimeSpan.Zero); at < period.Until; at += Step)
            yield return at;
    }

    /// <summary>How long a period is, in days or in minutes.</summary>
    public int LengthOf(Period period) => unit == RentalUnit.Day ? LastDayOf(period).DayNumber - DayOf(period.From).DayNumber + 1 : (int)(period.Until - period.From).TotalMinutes;

    /// <summary>A period cut at the beginnings of days: each part lies in one day.</summary>
    public IEnumerable<(DateOnly Day, Period Part)> ByDay(Period period)
    {
        for (var day = DayOf(period.From); BeginningOf(day) < period.Until; day = day.AddDays(1))
        {
            var (begins, ends) = (BeginningOf(day), BeginningOf(day.AddDays(1)));
            yield return (day, new(begins > period.From ? begins : period.From, ends < period.Until ? ends : period.Until));
        }
    }
}
