using Quitanda.Ordering.Orders;

namespace Quitanda.Ordering.Stores;

/// <summary>A slot and why it cannot be had, as far as the clock goes; null where it can.</summary>
internal readonly record struct OfferedSlot(Slot Slot, string? Reason);

/// <content>The slots of a day.</content>
internal sealed partial class Terms
{
    /// <summary>Slots that are looked through for the next free one, at the most.</summary>
    private const int LookedThrough = 300;

    /// <summary>When a day begins in the store, and the one after it.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) Day(DateOnly day) => (_opening.BeginningOf(day).ToUniversalTime(), _opening.BeginningOf(day.AddDays(1)).ToUniversalTime());

    /// <summary>The day that the store's calendar shows.</summary>
    public DateOnly Today(DateTimeOffset now) => _opening.DayOf(now);

    /// <summary>When something is handed over on a day, without overlaps, cut off at its midnights.</summary>
    public IReadOnlyList<Stretch> HoursOn(Fulfillment fulfillment, DateOnly day)
    {
        var (from, until) = Day(day);
        return
        [
            .. from open in Of(fulfillment).Hours.Stretches(day.AddDays(-1), day)
               where open.From < until && open.To > @from
               select new Stretch(Later(open.From.ToUniversalTime(), @from), Earlier(open.To.ToUniversalTime(), until)),
        ];
    }

    /// <summary>The slots of a day, those that have gone by too, each with the reason why an order for its beginning would be refused. How many places are taken is for the caller to ask.</summary>
    public IReadOnlyList<OfferedSlot> SlotsOn(Fulfillment fulfillment, DateOnly day, DateTimeOffset now)
    {
        if (_grid is null)
            return [];
        var way = Of(fulfillment);
        var (from, until) = Day(day);
        var (earliest, blocked, horizon) = (Earliest(way, now), LastOrderBlocksUntil(now), now.AddDays(DaysAhead));
        // A slot in which the day begins is yesterday's, if it began yesterday; midnight always begins one.
        return [.. _grid.Between(way.Hours, from, until).Select(slot => new OfferedSlot(slot,
            !way.IsOffered || NotTaking(slot.Start, now) is not null || slot.Start > horizon ? "closed"
            : slot.Start < blocked ? "past_last_order"
            : slot.Start < earliest ? "too_soon"
            : null))];
    }

    /// <summary>The beginnings of the slots from one on, within eight days, to look for a free one.</summary>
    public IReadOnlyList<DateTimeOffset> SlotsFrom(Fulfillment fulfillment, DateTimeOffset slot, DateTimeOffset now)
    {
        var (from, horizon) = (Later(slot, EarliestFor(fulfillment, now)), now.AddDays(DaysAhead));
        return _grid is null ? [] : [.. _grid.Between(Of(fulfillment).Hours, from, from.AddDays(8)).Select(next => next.Start).Where(start => start >= from && start <= horizon).Take(LookedThrough)];
    }

    /// <summary>The beginning of the slot in which an order is that is handed over at an instant; null where no place need be taken then, or nothing is handed over.</summary>
    public DateTimeOffset? SlotAt(Fulfillment fulfillment, DateTimeOffset readyAt)
    {
        var way = Of(fulfillment);
        return way.Capacity is null ? null : _grid!.Between(way.Hours, readyAt, readyAt.AddTicks(1)).Select(slot => (DateTimeOffset?)slot.Start).FirstOrDefault();
    }

    private Slot SlotOf(Way way, DateTimeOffset instant) => _grid!.Between(way.Hours, instant, instant.AddTicks(1)).First();

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
