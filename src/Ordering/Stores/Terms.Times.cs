using System.Globalization;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <content>When an order can be there.</content>
/// <remarks>
/// An order for now is taken while the store is open, and promised for now plus the lead. What was taken before closing is made ready after it; where that should not be, the last
/// order is taken earlier. A way with hours of its own hands nothing over outside them. An order that is scheduled must be for a time within the hours in which it is handed over.
/// </remarks>
internal sealed partial class Terms
{
    private TimeSpan LastOrder => TimeSpan.FromMinutes(_written.Settings.LastOrderMinutes);

    /// <summary>Says when an order can be there, or why it cannot.</summary>
    /// <exception cref="InvalidException"><c>scheduledFor</c> is further ahead than the store looks.</exception>
    public (Promise? Promise, IReadOnlyList<Refusal> Refusals) JudgeTime(Fulfillment fulfillment, DateTimeOffset? scheduledFor, DateTimeOffset now)
    {
        if (scheduledFor > now.AddDays(DaysAhead))
            throw new InvalidException("scheduledFor", $"must be in the future, and at most {DaysAhead} days ahead.");
        var way = Of(fulfillment);
        if (!way.IsOffered)
            return (null, [NotOffered(fulfillment)]);
        return scheduledFor is { } wanted ? ForLater(way, wanted, now) : ForNow(way, now);
    }

    private static Refusal NotOffered(Fulfillment fulfillment) =>
        new("fulfillment_not_offered", $"The store does not offer {fulfillment.Name()}.", new Dictionary<string, object>(StringComparer.Ordinal) { ["fulfillment"] = fulfillment });

    /// <summary>Why the store takes no order for now, whichever way it is handed over; null where it does.</summary>
    public Refusal? ClosedAt(DateTimeOffset now) =>
        NotTaking(now, now)
        ?? (_opening.IsOpenAt(now) ? null : Closed(_opening.IsHoliday(now) ? "holiday" : "opening_hours", _opening, now))
        ?? (LastOrderBlocksUntil(now) is { } closes ? Closed("last_order", _opening, closes) : null);

    /// <summary>When the store closes; null where it is closed, or does not close within a week.</summary>
    public DateTimeOffset? ClosesAt(DateTimeOffset now) => _opening.ClosesAt(now)?.ToUniversalTime();

    /// <summary>When the last order is taken of the opening that goes on; null where it does not end.</summary>
    public DateTimeOffset? LastOrderAt(DateTimeOffset now) => ClosesAt(now) - LastOrder;

    /// <summary>The earliest time for which an order can be scheduled, as far as the lead goes and the hours allow.</summary>
    public DateTimeOffset EarliestFor(Fulfillment fulfillment, DateTimeOffset now)
    {
        var (way, earliest) = (Of(fulfillment), Earliest(Of(fulfillment), now));
        return way.Hours.IsOpenAt(earliest) ? earliest : way.Hours.OpensNext(earliest)?.ToUniversalTime() ?? earliest;
    }

    /// <summary>When the kitchen must see an order that is handed over at an instant; now, where that has gone by.</summary>
    public DateTimeOffset QueueAt(Fulfillment fulfillment, DateTimeOffset readyAt, DateTimeOffset now)
    {
        // Busy counts if the kitchen still is when it begins.
        var way = Of(fulfillment);
        var lead = way.Lead + BusyAt(readyAt - way.Lead - TimeSpan.FromMinutes(_written.BusyMinutes));
        return Later(readyAt - lead, now);
    }

    private (Promise? Promise, IReadOnlyList<Refusal> Refusals) ForNow(Way way, DateTimeOffset now)
    {
        if (ClosedAt(now) is { } closed)
            return (null, [closed]);
        var lead = LeadOf(way, now);
        var ready = now + lead;
        if (way.HasOwnHours && !way.Hours.IsOpenAt(ready))
            return (null, [ClosedFor(way, ready)]);
        // It is promised anew from when it is paid, so that must be while the same would still be said to a new one.
        var payBy = LastOrderAt(now);
        if (way.HasOwnHours && way.Hours.ClosesAt(ready)?.ToUniversalTime() - lead is { } over && !(payBy <= over))
            payBy = over;
        if (way.Capacity is null)
            return (new(ready, now, []) { PayBy = payBy }, []);

        // Put off it may be, but not to another day; one that is ready after closing belongs to the day on which it was placed.
        var ends = way.Hours.DayEnds(way.Hours.IsOpenAt(ready) ? ready : now);
        var slots = ends is null ? [] : _grid!.Between(way.Hours, ready, ends.Value).ToList();
        if (slots.Count == 0)
            return (null, [Closed("last_order", way.Hours, ready)]);
        return (new Promise(ready, now, []).In(slots[0].Start) with { PayBy = payBy, Slots = [.. slots.Select(slot => slot.Start)], SlotEnds = [.. slots.Select(slot => slot.End)] }, []);
    }

    private (Promise? Promise, IReadOnlyList<Refusal> Refusals) ForLater(Way way, DateTimeOffset wanted, DateTimeOffset now)
    {
        List<Refusal> refusals = [];
        if (NotTaking(wanted, now) is { } refusal)
            refusals.Add(refusal);
        else if (!way.Hours.IsOpenAt(wanted))
            refusals.Add(ClosedFor(way, wanted));
        else if (LastOrderBlocksUntil(now) is { } closes && wanted < closes)
            refusals.Add(Closed("last_order", way.Hours, closes));
        if (wanted < Earliest(way, now))
        {
            var earliest = EarliestFor(way.Fulfillment, now);
            refusals.Add(new("too_soon", $"The order can be ready at {Read(earliest)} at the earliest.", new Dictionary<string, object>(StringComparer.Ordinal) { ["earliest"] = earliest }));
        }

        if (refusals.Count > 0)
            return (null, refusals);
        // Nobody begins before it is paid.
        var begins = QueueAt(way.Fulfillment, wanted, now);
        return (new(wanted, begins, way.Capacity is null ? [] : [SlotOf(way, wanted).Start]) { PayBy = begins }, []);
    }

    /// <summary>Why nothing is taken at all for a time: not accepting, or paused until later than that.</summary>
    private Refusal? NotTaking(DateTimeOffset wanted, DateTimeOffset now)
    {
        if (!_written.AcceptingOrders)
            return new("store_closed", "The store is not taking orders at the moment.", Facts("not_accepting", opensAt: null));
        var until = _written.PausedUntil;
        if (_written.PausedAt is null || until <= now || until <= wanted)
            return null;
        var opens = until is not { } end ? null : _opening.IsOpenAt(end) ? end : _opening.OpensNext(end)?.ToUniversalTime();
        return new("store_closed", opens is { } then ? $"The store is taking no orders until {Read(then)}." : "The store is taking no orders at the moment.", Facts("paused", opens));
    }

    /// <summary>Until when the store takes nothing more, since the last order of the opening that goes on was before now; null where it was not.</summary>
    private DateTimeOffset? LastOrderBlocksUntil(DateTimeOffset now) =>
        LastOrder > TimeSpan.Zero && _opening.ClosesAt(now) is { } closes && now >= closes - LastOrder ? closes : null;

    private Refusal ClosedFor(Way way, DateTimeOffset at) =>
        Closed(way.Hours.IsHoliday(at) ? "holiday" : way.HasOwnHours ? $"{way.Fulfillment.Name()}_hours" : "opening_hours", way.Hours, at);

    private Refusal Closed(string rule, OpeningHours hours, DateTimeOffset at)
    {
        var opens = hours.OpensNext(at)?.ToUniversalTime();
        var sentence = rule switch
        {
            "last_order" => "The store takes no more orders before it closes.",
            "pickup_hours" => "Nothing can be picked up then.",
            "delivery_hours" => "The store does not deliver then.",
            _ => "The store is closed then.",
        };
        return new("store_closed", opens is { } next ? $"{sentence} It opens next at {Read(next)}." : sentence, Facts(rule, opens));
    }

    private static Dictionary<string, object> Facts(string rule, DateTimeOffset? opensAt)
    {
        Dictionary<string, object> facts = new(StringComparer.Ordinal) { ["rule"] = rule };
        if (opensAt is { } opens)
            facts["opensAt"] = opens;
        return facts;
    }

    private TimeSpan LeadOf(Way way, DateTimeOffset now) => way.Lead + BusyAt(now);

    private TimeSpan BusyAt(DateTimeOffset at) => _written.BusyUntil is null || at < _written.BusyUntil ? TimeSpan.FromMinutes(_written.BusyMinutes) : TimeSpan.Zero;

    private DateTimeOffset Earliest(Way way, DateTimeOffset now)
    {
        var (lead, least) = (LeadOf(way, now), TimeSpan.FromMinutes(_written.Settings.MinutesAhead));
        return now + (lead > least ? lead : least);
    }

    private string Read(DateTimeOffset instant) => _opening.OnTheWall(instant).ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture);
}
