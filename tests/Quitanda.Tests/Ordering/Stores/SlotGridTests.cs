using FsCheck;
using FsCheck.Fluent;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;
using static Quitanda.Tests.Ordering.Stores.AStore;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>That hours and slots hold together whatever the week, the holidays and the clocks.</summary>
public sealed class SlotGridTests
{
    /// <summary>Zones whose clocks change at night, at midnight, by half an hour, and not at all, and one whose hours begin at a quarter.</summary>
    private static readonly string[] Zones = [SaoPaulo, NewYork, "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"];

    /// <summary>Days of 2018 on which some zone's clocks changed, and others.</summary>
    private static readonly string[] Days = ["2018-02-17", "2018-03-11", "2018-03-25", "2018-04-01", "2018-05-13", "2018-06-20", "2018-10-07", "2018-11-04"];

    private sealed record Case(string Zone, string[] Hours, string[] Holidays, int Minutes, string Day, int Minute)
    {
        public OpeningHours Opening => new(Intervals(Hours), TimeZoneInfo.FindSystemTimeZoneById(Zone), [.. Holidays.Select(AStore.Holiday)]);

        public SlotGrid Grid => new(Minutes, TimeZoneInfo.FindSystemTimeZoneById(Zone));

        /// <summary>A time within three days around the day.</summary>
        public DateTimeOffset Now => At(Day).AddMinutes(Minute);
    }

    private static Gen<Case> Cases()
    {
        var time = Gen.Choose(0, 95).Select(quarter => $"{quarter / 4:00}:{quarter % 4 * 15:00}");
        var span = from opens in time from closes in time select $"{opens}-{closes}";
        var interval = from day in Gen.Elements(Enum.GetValues<DayOfWeek>()) from hours in span select $"{day.Name()} {hours}";
        return from zone in Gen.Elements(Zones)
               from count in Gen.Choose(0, 14)
               from hours in Gen.Frequency((4, interval.ArrayOf(count)), (1, Gen.Constant(Always)))
               from minutes in Gen.Elements(5, 15, 30, 45, 60, 90, 240)
               from day in Gen.Elements(Days)
               from holidays in Gen.Elements(0, 1, 2).SelectMany(many => span.ArrayOf(many)).Select(spans => spans.Length == 0 ? [] : (string[])[string.Join(' ', [day, .. spans[1..]])])
               from minute in Gen.Choose(-1440, 2880)
               select new Case(zone, hours, holidays, minutes, day, minute);
    }

    [Fact]
    public void Every_instant_is_in_exactly_one_slot_of_the_clock() => Holds(made =>
    {
        var slot = made.Grid.Of(made.Now);
        return slot.Start <= made.Now && made.Now < slot.End && slot.End - slot.Start <= TimeSpan.FromMinutes(made.Minutes)
            && made.Grid.Of(slot.Start) == slot && made.Grid.Of(slot.End.AddTicks(-1)) == slot && made.Grid.Of(slot.End).Start == slot.End;
    });

    [Fact]
    public void The_slots_of_a_time_are_its_open_instants_in_order() => Holds(made =>
    {
        var (opening, from) = (made.Opening, made.Now);
        var until = from.AddHours(30);
        var slots = made.Grid.Between(opening, from, until).ToList();
        for (var at = from; at < until; at = at.AddMinutes(5))
            if (opening.IsOpenAt(at) != (slots.Count(slot => slot.Start <= at && at < slot.End) == 1))
                return false;
        return slots.Zip(slots.Skip(1)).All(pair => pair.First.End <= pair.Second.Start) && slots.TrueForAll(slot => slot.Start < slot.End && slot.Start.Offset == TimeSpan.Zero
            && opening.IsOpenAt(slot.Start) && opening.IsOpenAt(slot.End.AddTicks(-1))
            // Whichever instant of it one asks for, it is the same slot.
            && made.Grid.Between(opening, slot.End.AddTicks(-1), slot.End).Single() == slot);
    });

    [Fact]
    public void The_store_closes_when_it_says_and_opens_when_it_says() => Holds(made =>
    {
        var (opening, now) = (made.Opening, made.Now);
        if (!opening.IsOpenAt(now))
        {
            var opens = opening.OpensNext(now);
            return opening.ClosesAt(now) is null && (opens is null || (opening.IsOpenAt(opens.Value) && !opening.IsOpenAt(opens.Value.AddTicks(-1))
                && All(now, opens.Value, at => !opening.IsOpenAt(at))));
        }

        var closes = opening.ClosesAt(now) ?? now.AddDays(7);
        return All(now, closes, opening.IsOpenAt) && (opening.ClosesAt(now) is null || !opening.IsOpenAt(closes)) && opening.DayEnds(now) is { } ends && ends > now;

        static bool All(DateTimeOffset from, DateTimeOffset until, Func<DateTimeOffset, bool> holds)
        {
            for (var at = from; at < until; at = at.AddMinutes(15))
                if (!holds(at))
                    return false;
            return true;
        }
    });

    [Fact]
    public void What_is_offered_is_what_is_promised()
    {
        var seen = (Offered: 0, Refused: 0);
        Holds(made =>
        {
            var settings = new StoreSettings([.. made.Holidays.Select(AStore.Holiday)], new(LeadMinutes: made.Minute % 7 == 0 ? 25 : 0), LastOrderMinutes: made.Minute % 5 == 0 ? 45 : 0, DaysAhead: 2, Slots: new(made.Minutes, 1));
            var terms = Terms(made.Hours, settings, made.Zone, but: written => made.Minute % 3 == 0 ? written with { PausedAt = made.Now, PausedUntil = made.Now.AddHours(2) } : written);
            var today = terms.Today(made.Now);
            foreach (var date in (DateOnly[])[today, today.AddDays(1)])
                foreach (var (slot, reason) in terms.SlotsOn(Fulfillment.Pickup, date, made.Now).Where(one => one.Slot.Start > made.Now))
                {
                    // The end of a long tomorrow may be further ahead than orders can be scheduled, which is a mistake and no refusal.
                    if (slot.Start > made.Now.AddDays(2))
                    {
                        if (reason is null || Record.Exception(() => terms.JudgeTime(Fulfillment.Pickup, slot.Start, made.Now)) is not InvalidException)
                            return false;
                        continue;
                    }

                    var (promise, refusals) = terms.JudgeTime(Fulfillment.Pickup, slot.Start, made.Now);
                    if (reason is null != (promise?.Slots is [var only] && only == slot.Start) || reason is null != (refusals.Count == 0))
                        return false;
                    seen = reason is null ? seen with { Offered = seen.Offered + 1 } : seen with { Refused = seen.Refused + 1 };
                }

            var (soon, _) = terms.JudgeTime(Fulfillment.Pickup, null, made.Now);
            var lead = TimeSpan.FromMinutes(settings.Pickup!.LeadMinutes);
            return soon is null || (soon.ReadyAt >= made.Now + lead && soon.ReadyAt - soon.QueueAt == lead && soon.Slots[0] <= soon.ReadyAt && made.Opening.IsOpenAt(soon.ReadyAt)
                && soon.Slots.SequenceEqual(soon.Slots.Order()) && soon.Slots.All(made.Opening.IsOpenAt));
        });
        Assert.True(seen is { Offered: > 0, Refused: > 0 }, $"{seen}");
    }

    private static void Holds(Func<Case, bool> property) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(300, 10_000)), Prop.ForAll(Cases().ToArbitrary(), property));
}
