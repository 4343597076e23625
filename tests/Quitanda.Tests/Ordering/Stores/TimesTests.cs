using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;
using static Quitanda.Tests.Ordering.Stores.AStore;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>When an order can be there. São Paulo is three hours behind; 2 March 2026 is a Monday.</summary>
public sealed class TimesTests
{
    private static readonly string[] LunchAndDinner = ["monday 11:00-15:00", "monday 18:00-02:00", "tuesday 11:00-15:00"];

    [Theory]
    [InlineData("2026-03-02T14:00:00Z", "03-02T14:30/03-02T14:00")] // Monday 11:00
    [InlineData("2026-03-02T17:59:00Z", "03-02T18:29/03-02T17:59")] // 14:59: what was taken before closing is made ready after it.
    [InlineData("2026-03-02T18:00:00Z", "store_closed:opening_hours:03-02T21:00")]
    [InlineData("2026-03-03T04:59:00Z", "03-03T05:29/03-03T04:59")] // Tuesday 01:59 is Monday's night.
    [InlineData("2026-03-03T05:00:00Z", "store_closed:opening_hours:03-03T14:00")]
    public void An_order_for_now_is_promised_for_now_plus_the_lead_while_the_store_is_open(string now, string said) =>
        Assert.Equal(said, Terms(LunchAndDinner, new(Pickup: new(LeadMinutes: 30))).Say(now));

    [Theory]
    [InlineData("2026-03-02T17:29:59Z", "03-02T17:29/03-02T17:29")]
    [InlineData("2026-03-02T17:30:00Z", "store_closed:last_order:03-02T21:00")] // 14:30, half an hour before closing
    [InlineData("2026-03-03T04:29:00Z", "03-03T04:29/03-03T04:29")]
    [InlineData("2026-03-03T04:30:00Z", "store_closed:last_order:03-03T14:00")]
    public void The_last_order_is_taken_some_minutes_before_closing(string now, string said) =>
        Assert.Equal(said, Terms(LunchAndDinner, new(LastOrderMinutes: 30)).Say(now));

    [Fact]
    public void After_the_last_order_nothing_is_scheduled_for_the_same_opening_either_and_midnight_is_no_closing()
    {
        var terms = Terms(LunchAndDinner, new(LastOrderMinutes: 30));
        Assert.Equal("store_closed:last_order:03-02T21:00", terms.Say("2026-03-02T17:40:00Z", "2026-03-02T17:50:00Z"));
        Assert.Equal("03-02T21:10/03-02T21:10", terms.Say("2026-03-02T17:40:00Z", "2026-03-02T21:10:00Z"));
        // Before it, an order may be for the minutes after it.
        Assert.Equal("03-02T17:50/03-02T17:50", terms.Say("2026-03-02T17:20:00Z", "2026-03-02T17:50:00Z"));

        var late = Terms(["monday 18:00-24:00", "tuesday 00:00-03:00"], new(LastOrderMinutes: 30));
        Assert.Equal("03-03T02:50/03-03T02:50", late.Say("2026-03-03T02:50:00Z"));
        Assert.Equal("store_closed:last_order:03-09T21:00", late.Say("2026-03-03T05:40:00Z"));
        Assert.Equal("03-03T02:50/03-03T02:50", Terms(Always, new(LastOrderMinutes: 30)).Say("2026-03-03T02:50:00Z"));
    }

    [Theory]
    [InlineData("2026-03-02T14:40:00Z", null, "03-02T15:10/03-02T14:40")] // Open at 11:40, ready when pickup begins at 12:10
    [InlineData("2026-03-02T14:20:00Z", null, "store_closed:pickup_hours:03-02T15:00")]
    [InlineData("2026-03-02T16:40:00Z", null, "store_closed:pickup_hours:03-09T15:00")] // Ready at 14:10, when pickup is over
    [InlineData("2026-03-02T14:00:00Z", "2026-03-02T16:59:00Z", "03-02T16:59/03-02T16:29")]
    [InlineData("2026-03-02T14:00:00Z", "2026-03-02T17:00:00Z", "store_closed:pickup_hours:03-09T15:00")]
    public void A_way_with_hours_of_its_own_hands_over_within_them(string now, string? wanted, string said) =>
        Assert.Equal(said, Terms(LunchAndDinner, new(Pickup: new(Hours: Intervals("monday 12:00-14:00"), LeadMinutes: 30))).Say(now, wanted));

    [Fact]
    public void Each_way_has_its_own_hours_and_lead_and_may_not_be_offered()
    {
        var terms = Terms(LunchAndDinner, new(Pickup: new(LeadMinutes: 10), Delivery: new(Hours: Intervals("monday 18:00-23:00"), LeadMinutes: 40)));
        Assert.Equal("03-02T14:10/03-02T14:00", terms.Say("2026-03-02T14:00:00Z"));
        Assert.Equal("store_closed:delivery_hours:03-02T21:00", terms.Say("2026-03-02T14:00:00Z", null, Fulfillment.Delivery));
        Assert.Equal("03-02T21:40/03-02T21:00", terms.Say("2026-03-02T21:00:00Z", null, Fulfillment.Delivery));

        var counter = Terms(LunchAndDinner, new(Delivery: new(IsOffered: false)), zones: []);
        Assert.Equal("fulfillment_not_offered:delivery", counter.Say("2026-03-02T14:00:00Z", null, Fulfillment.Delivery));
        var judgement = counter.Judge(new(Fulfillment.Delivery, null, Address(), 1000), At("2026-03-02T10:00:00Z"));
        Assert.Equal("fulfillment_not_offered", Assert.Single(judgement.Refusals).Code);
    }

    [Fact]
    public void On_a_holiday_its_hours_hold_for_everything_and_the_night_before_is_not_cut_off()
    {
        var terms = Terms(
            ["thursday 18:00-02:00", "friday 11:00-22:00", "saturday 11:00-22:00"],
            new([Holiday("2026-12-25"), Holiday("2026-12-26 12:00-13:00")], Pickup: new(Hours: Intervals("friday 11:00-22:00", "saturday 18:00-20:00"))));
        Assert.Equal("store_closed:holiday:12-26T15:00", terms.Say("2026-12-25T15:00:00Z")); // Friday at noon
        Assert.Equal("store_closed:holiday:12-26T15:00", terms.Say("2026-12-25T15:00:00Z", "2026-12-25T16:00:00Z"));
        Assert.Equal("12-26T15:30/12-26T15:30", terms.Say("2026-12-26T15:30:00Z"));
        Assert.Equal("store_closed:holiday:01-01T14:00", terms.Say("2026-12-26T16:00:00Z", "2026-12-26T22:00:00Z")); // Saturday 19:00, which is pickup's every week
        Assert.Equal("12-25T04:30/12-25T04:30", terms.Say("2026-12-25T04:30:00Z", null, Fulfillment.Delivery)); // 01:30 of Christmas is Thursday's night
        Assert.Equal("store_closed:holiday:12-26T15:00", terms.Say("2026-12-25T05:00:00Z", null, Fulfillment.Delivery));

        // A month away is thirty dates, and it is still known when they end.
        var away = Terms(Always, new([.. Enumerable.Range(2, 30).Select(day => new Holiday(new DateOnly(2026, 3, 1).AddDays(day - 1)))]));
        Assert.Equal("store_closed:holiday:04-01T03:00", away.Say("2026-03-02T15:00:00Z"));
    }

    [Fact]
    public void A_pause_ends_by_itself_and_orders_for_after_it_are_taken()
    {
        var terms = Terms(LunchAndDinner, but: written => written with { PausedAt = At("2026-03-02T15:00:00Z"), PausedUntil = At("2026-03-02T15:30:00Z") });
        Assert.Equal("store_closed:paused:03-02T15:30", terms.Say("2026-03-02T15:00:00Z"));
        Assert.Equal("store_closed:paused:03-02T15:30", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T15:29:00Z"));
        Assert.Equal("03-02T15:30/03-02T15:30", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T15:30:00Z"));
        Assert.Equal("03-02T15:30/03-02T15:30", terms.Say("2026-03-02T15:30:00Z"));

        // Where it ends while the store is closed, it opens when the store does.
        var long_ = Terms(LunchAndDinner, but: written => written with { PausedAt = At("2026-03-02T15:00:00Z"), PausedUntil = At("2026-03-02T18:30:00Z") });
        Assert.Equal("store_closed:paused:03-02T21:00", long_.Say("2026-03-02T15:00:00Z"));

        var open = Terms(LunchAndDinner, but: written => written with { PausedAt = At("2026-03-02T15:00:00Z") });
        Assert.Equal("store_closed:paused", open.Say("2026-03-02T15:00:00Z"));
        Assert.Equal("store_closed:paused", open.Say("2026-03-02T15:00:00Z", "2026-03-03T15:00:00Z"));
        Assert.Equal("store_closed:not_accepting", Terms(LunchAndDinner, but: written => written with { AcceptingOrders = false }).Say("2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z"));
    }

    [Fact]
    public void Busy_is_on_top_of_the_lead_and_ends_by_itself()
    {
        var terms = Terms(LunchAndDinner, new(Pickup: new(LeadMinutes: 20)), but: written => written with { BusyMinutes = 25, BusyUntil = At("2026-03-02T16:00:00Z") });
        Assert.Equal("03-02T15:45/03-02T15:00", terms.Say("2026-03-02T15:00:00Z"));
        Assert.Equal("03-02T16:20/03-02T16:00", terms.Say("2026-03-02T16:00:00Z"));
        Assert.Equal("too_soon:03-02T15:45", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T15:44:00Z"));
        Assert.Equal("03-02T15:45/03-02T15:00", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T15:45:00Z"));
        // By the time the kitchen begins with this one, it is not busy any more.
        Assert.Equal("03-02T22:00/03-02T21:40", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T22:00:00Z"));
    }

    [Fact]
    public void A_scheduled_order_is_neither_too_soon_nor_too_far_ahead()
    {
        var terms = Terms(LunchAndDinner, new(Pickup: new(LeadMinutes: 20), MinutesAhead: 120, DaysAhead: 2));
        Assert.Equal("too_soon:03-02T17:00", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T16:59:00Z"));
        Assert.Equal("03-02T17:00/03-02T16:40", terms.Say("2026-03-02T15:00:00Z", "2026-03-02T17:00:00Z"));
        // What is too soon at a time when the store is closed is told both.
        Assert.Equal("store_closed:opening_hours:03-02T21:00 too_soon:03-02T21:00", terms.Say("2026-03-02T17:00:00Z", "2026-03-02T18:59:00Z"));
        Assert.Equal("03-03T15:00/03-03T14:40", terms.Say("2026-03-02T15:00:00Z", "2026-03-03T15:00:00Z"));
        Assert.Equal("scheduledFor", Assert.Throws<InvalidException>(() => terms.Say("2026-03-02T15:00:00Z", "2026-03-04T15:00:01Z")).Field);
    }

    [Fact]
    public void With_slots_an_order_for_now_may_be_put_off_until_the_day_ends_and_no_longer()
    {
        var terms = Terms(LunchAndDinner, new(Pickup: new(LeadMinutes: 20), Slots: new(30, PickupCapacity: 2)));
        Assert.Equal(["03-02T17:00", "03-02T17:30", "03-02T21:00"], Starts(terms, "2026-03-02T16:55:00Z").Take(3), StringComparer.Ordinal);
        Assert.Equal("03-03T04:30", Starts(terms, "2026-03-02T16:55:00Z")[^1]); // 01:30 at night
        Assert.Equal(["03-03T04:00", "03-03T04:30"], Starts(terms, "2026-03-03T03:45:00Z"), StringComparer.Ordinal);

        var (promise, _) = terms.JudgeTime(Fulfillment.Pickup, null, At("2026-03-02T16:55:00Z"));
        Assert.Equal((At("2026-03-02T17:15:00Z"), At("2026-03-02T16:55:00Z")), (promise!.ReadyAt, promise.QueueAt));
        Assert.Equal((At("2026-03-02T17:15:00Z"), At("2026-03-02T16:55:00Z")), (promise.In(promise.Slots[0]).ReadyAt, promise.In(promise.Slots[0]).QueueAt));
        Assert.Equal((At("2026-03-02T21:00:00Z"), At("2026-03-02T20:40:00Z")), (promise.In(promise.Slots[2]).ReadyAt, promise.In(promise.Slots[2]).QueueAt));

        // Ready after closing: there is no slot any more, and after lunch the next one is in the evening.
        Assert.Equal("store_closed:last_order:03-03T14:00", terms.Say("2026-03-03T04:50:00Z"));
        Assert.Equal("03-02T21:00/03-02T20:40", terms.Say("2026-03-02T17:50:00Z"));
        // The other way has as many places as anybody wants.
        Assert.Equal("03-02T16:55/03-02T16:55", terms.Say("2026-03-02T16:55:00Z", null, Fulfillment.Delivery));
        Assert.Empty(terms.JudgeTime(Fulfillment.Delivery, null, At("2026-03-02T16:55:00Z")).Promise!.Slots);
    }

    [Fact]
    public void A_scheduled_order_is_in_exactly_the_slot_that_its_time_is_in()
    {
        var terms = Terms(["monday 11:15-15:05"], new(Slots: new(30, PickupCapacity: 2)));
        foreach (var (wanted, slot) in new[] { ("14:15", "14:15"), ("14:29", "14:15"), ("14:30", "14:30"), ("17:59", "17:30"), ("18:00", "18:00"), ("18:04", "18:00") })
        {
            var (promise, _) = terms.JudgeTime(Fulfillment.Pickup, At($"2026-03-02T{wanted}:00Z"), At("2026-03-01T12:00:00Z"));
            Assert.Equal(At($"2026-03-02T{slot}:00Z"), Assert.Single(promise!.Slots));
            Assert.Equal(At($"2026-03-02T{wanted}:00Z"), promise.ReadyAt);
        }
    }

    [Theory]
    [InlineData("2026-03-08T06:30:00Z", "03-08T06:30 03-08T07:00 03-08T07:30")] // New York jumps from 02:00 to 03:00: the hour has no slots.
    [InlineData("2026-11-01T05:30:00Z", "11-01T05:30 11-01T06:00 11-01T06:30 11-01T07:00 11-01T07:30")] // The hour from 01:00 is shown twice, and has its slots twice.
    public void When_clocks_change_the_slots_go_along(string now, string slots) =>
        Assert.Equal(slots, string.Join(' ', Starts(Terms(["sunday 00:00-04:00"], new(Slots: new(30, PickupCapacity: 1)), NewYork), now).TakeWhile(start => !start.EndsWith("08:00", StringComparison.Ordinal)).Take(5)));

    private static List<string> Starts(Terms terms, string now) => [.. terms.JudgeTime(Fulfillment.Pickup, null, At(now)).Promise!.Slots.Select(Hour)];
}
