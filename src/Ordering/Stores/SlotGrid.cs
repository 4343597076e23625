using System.Runtime.InteropServices;

namespace Quitanda.Ordering.Stores;

/// <summary>One slot of a day. What begins at its end is in the next.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Slot(DateTimeOffset Start, DateTimeOffset End);

/// <summary>The day cut into slots from midnight on, by the clock on the store's wall.</summary>
/// <remarks>
/// Every instant is in exactly one slot. Where clocks change, a slot ends and another begins: so an hour that is shown twice has its slots twice, and one
/// that is skipped has none. A slot also ends and begins with the hours: the first of a day may be shorter than the others, and so may the last.
/// </remarks>
internal sealed class SlotGrid(int minutes, TimeZoneInfo zone)
{
    private readonly TimeSpan _step = TimeSpan.FromMinutes(minutes);

    /// <summary>The slots that an instant of <c>[from, until)</c> is in, in order.</summary>
    public IEnumerable<Slot> Between(OpeningHours hours, DateTimeOffset from, DateTimeOffset until)
    {
        // Two days back: an interval of a whole day may end within the slot that this begins in.
        foreach (var open in hours.Stretches(hours.DayOf(from).AddDays(-2), hours.DayOf(until).AddDays(1)))
        {
            var end = open.To < until ? open.To : until;
            for (var at = open.From > from ? open.From : from; at < end;)
            {
                var slot = Of(at);
                yield return new(slot.Start > open.From ? slot.Start : open.From.ToUniversalTime(), slot.End < open.To ? slot.End : open.To.ToUniversalTime());
                at = slot.End;
            }
        }
    }

    /// <summary>The slot of the clock alone that an instant is in.</summary>
    public Slot Of(DateTimeOffset instant)
    {
        instant = instant.ToUniversalTime();
        var since = Since(instant);
        var (start, end) = (instant - since, instant - since + _step);
        if (zone.GetUtcOffset(start) != zone.GetUtcOffset(instant))
            start = ChangeOfClocks(start, instant);
        if (zone.GetUtcOffset(end) != zone.GetUtcOffset(instant))
            end = ChangeOfClocks(instant, end);
        return new(start, end);
    }

    /// <summary>How long ago the clocks last showed a time at which a slot begins.</summary>
    private TimeSpan Since(DateTimeOffset instant) => new(TimeZoneInfo.ConvertTime(instant, zone).TimeOfDay.Ticks % _step.Ticks);

    /// <summary>The instant between two at which the offset of the first ends. Clocks change at whole seconds.</summary>
    private DateTimeOffset ChangeOfClocks(DateTimeOffset before, DateTimeOffset after)
    {
        var offset = zone.GetUtcOffset(before);
        var (low, high) = (before.ToUnixTimeSeconds(), after.ToUnixTimeSeconds() + 1);
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(middle)) == offset)
                low = middle;
            else
                high = middle;
        }

        return DateTimeOffset.FromUnixTimeSeconds(high);
    }
}
