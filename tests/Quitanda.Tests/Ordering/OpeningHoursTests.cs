using System.Globalization;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class OpeningHoursTests
{
    private const string SaoPaulo = "America/Sao_Paulo";
    private const string NewYork = "America/New_York";

    [Theory]
    [InlineData("2026-03-02T10:59:59Z", false)] // Monday 07:59:59
    [InlineData("2026-03-02T11:00:00Z", true)]
    [InlineData("2026-03-02T14:59:59Z", true)]
    [InlineData("2026-03-02T15:00:00Z", false)] // The instant of closing is closed.
    [InlineData("2026-03-02T17:00:00Z", true)]
    [InlineData("2026-03-02T21:00:00Z", false)]
    [InlineData("2026-03-03T12:00:00Z", false)] // Tuesday has no interval.
    public void A_day_may_have_several_intervals(string instant, bool isOpen) =>
        Assert.Equal(isOpen, Hours(SaoPaulo, "monday 08:00-12:00", "monday 14:00-18:00").IsOpenAt(At(instant)));

    [Theory]
    [InlineData("2026-03-07T20:59:00Z", false)] // Saturday 17:59
    [InlineData("2026-03-07T21:00:00Z", true)]
    [InlineData("2026-03-08T02:59:00Z", true)] // Saturday 23:59
    [InlineData("2026-03-08T03:00:00Z", true)] // Sunday 00:00
    [InlineData("2026-03-08T04:59:00Z", true)]
    [InlineData("2026-03-08T05:00:00Z", false)]
    [InlineData("2026-03-08T23:00:00Z", false)] // Sunday evening
    [InlineData("2026-03-07T04:00:00Z", false)] // The night before is Friday's.
    public void An_interval_may_run_past_midnight(string instant, bool isOpen) =>
        Assert.Equal(isOpen, Hours(SaoPaulo, "saturday 18:00-02:00").IsOpenAt(At(instant)));

    [Theory]
    // Three hours behind, so the day ends at three.
    [InlineData("America/Sao_Paulo", "2026-03-04T15:00:00Z", "2026-03-05T03:00:00Z")]
    [InlineData("America/Sao_Paulo", "2026-03-05T02:59:59Z", "2026-03-05T03:00:00Z")]
    [InlineData("America/Sao_Paulo", "2026-03-05T03:00:00Z", "2026-03-06T03:00:00Z")]
    // Clocks went from 24 to 1: the next day began then.
    [InlineData("America/Sao_Paulo", "2018-11-03T15:00:00Z", "2018-11-04T03:00:00Z")]
    // They went from 24 back to 23: the day had an hour more.
    [InlineData("America/Sao_Paulo", "2018-02-17T15:00:00Z", "2018-02-18T03:00:00Z")]
    [InlineData("UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    public void A_day_ends_when_the_next_begins(string zone, string now, string end) =>
        Assert.Equal(At(end), Hours(zone).DayIsOver(At(now)));

    [Theory]
    [InlineData("2026-03-07T01:30:00Z", "2026-03-07T05:00:00Z")] // Friday 22:30: over when the night is, at 02:00.
    [InlineData("2026-03-07T03:30:00Z", "2026-03-07T05:00:00Z")] // Saturday 00:30 is still Friday's.
    [InlineData("2026-03-07T06:00:00Z", "2026-03-08T05:00:00Z")] // 03:00 is Saturday's.
    [InlineData("2026-03-06T13:00:00Z", "2026-03-07T05:00:00Z")] // Friday morning, before it opens.
    [InlineData("2026-03-05T13:00:00Z", "2026-03-06T03:00:00Z")] // Thursday closes early: over at midnight.
    public void A_day_is_over_when_its_night_is(string now, string end) =>
        Assert.Equal(At(end), Hours(SaoPaulo, "thursday 10:00-16:00", "friday 18:00-02:00", "saturday 18:00-02:00").DayIsOver(At(now)));

    [Fact]
    public void From_a_time_to_the_same_time_is_a_whole_day()
    {
        var hours = Hours(SaoPaulo, "monday 08:00-08:00");
        Assert.True(hours.IsOpenAt(At("2026-03-02T11:00:00Z")));
        Assert.True(hours.IsOpenAt(At("2026-03-03T10:59:00Z")));
        Assert.False(hours.IsOpenAt(At("2026-03-03T11:00:00Z")));
    }

    [Fact]
    public void Around_the_clock_never_closes_not_even_when_clocks_change()
    {
        foreach (var zone in (string[])[SaoPaulo, NewYork, "Australia/Lord_Howe", "UTC"])
        {
            string[] days = [.. Enum.GetValues<DayOfWeek>().Select(day => $"{day.Name()} 00:00-24:00")];
            var hours = Hours(zone, days);
            // Without the short cut: the same hours, each day in two pieces.
            var inPieces = Hours(zone, [.. Enum.GetValues<DayOfWeek>().SelectMany(day => (string[])[$"{day.Name()} 00:00-01:30", $"{day.Name()} 01:30-00:00"])]);
            for (var at = At("2018-01-01T00:00:00Z"); at < At("2019-01-01T00:00:00Z"); at = at.AddMinutes(15))
                Assert.True(hours.IsOpenAt(at) && inPieces.IsOpenAt(at), $"{zone} {at:O}");
        }
    }

    [Theory]
    [InlineData("2026-03-08T06:29:00Z", false)] // 01:29 in winter time
    [InlineData("2026-03-08T06:30:00Z", true)] // 01:30
    [InlineData("2026-03-08T06:59:00Z", true)] // 01:59, and then it is 03:00
    [InlineData("2026-03-08T07:00:00Z", true)] // 03:00
    [InlineData("2026-03-08T07:59:00Z", true)] // 03:59
    [InlineData("2026-03-08T08:00:00Z", false)] // 04:00
    public void When_clocks_go_forward_the_skipped_hour_is_not_served(string instant, bool isOpen) =>
        Assert.Equal(isOpen, Hours(NewYork, "sunday 01:30-04:00").IsOpenAt(At(instant)));

    [Fact]
    public void An_opening_in_the_skipped_hour_is_when_the_clocks_jump_and_one_wholly_in_it_does_not_happen()
    {
        Assert.Equal(At("2026-03-08T07:00:00Z"), Hours(NewYork, "sunday 02:30-05:00").OpensNext(At("2026-03-08T00:00:00Z")));
        Assert.True(Hours(NewYork, "sunday 02:30-05:00").IsOpenAt(At("2026-03-08T07:00:00Z")));

        var swallowed = Hours(NewYork, "sunday 02:10-02:50");
        Assert.False(swallowed.IsOpenAt(At("2026-03-08T07:00:00Z")));
        Assert.Equal(At("2026-03-15T06:10:00Z"), swallowed.OpensNext(At("2026-03-08T00:00:00Z")));
    }

    [Theory]
    [InlineData("2026-11-01T04:59:00Z", false)] // 00:59 in summer time
    [InlineData("2026-11-01T05:00:00Z", true)] // 01:00, the first time
    [InlineData("2026-11-01T06:00:00Z", true)] // 01:00, the second time
    [InlineData("2026-11-01T07:59:00Z", true)] // 02:59 in winter time
    [InlineData("2026-11-01T08:00:00Z", false)]
    public void When_clocks_go_back_the_doubled_hour_is_served_twice(string instant, bool isOpen) =>
        Assert.Equal(isOpen, Hours(NewYork, "sunday 01:00-03:00").IsOpenAt(At(instant)));

    [Theory]
    [InlineData("2026-11-01T05:29:00Z", true)] // 01:29, the first time
    [InlineData("2026-11-01T05:30:00Z", false)]
    [InlineData("2026-11-01T06:10:00Z", false)] // 01:10, the second time: it has closed, and does not open again.
    public void A_closing_in_the_doubled_hour_is_the_first_of_the_two(string instant, bool isOpen) =>
        Assert.Equal(isOpen, Hours(NewYork, "saturday 22:00-01:30").IsOpenAt(At(instant)));

    [Fact]
    public void A_day_that_begins_at_one_oclock_is_open_from_there()
    {
        // São Paulo's clocks went from 23:59 to 01:00 on 4 November 2018.
        var hours = Hours(SaoPaulo, "sunday 00:00-12:00");
        Assert.False(hours.IsOpenAt(At("2018-11-04T02:59:00Z")));
        Assert.True(hours.IsOpenAt(At("2018-11-04T03:00:00Z")));
        Assert.False(hours.IsOpenAt(At("2018-11-04T14:00:00Z")));
    }

    [Theory]
    [InlineData("2026-03-02T03:00:00Z", "2026-03-02T11:00:00Z")] // Monday 00:00, to the morning
    [InlineData("2026-03-02T16:00:00Z", "2026-03-02T17:00:00Z")] // In the lunch break
    [InlineData("2026-03-02T22:00:00Z", "2026-03-09T11:00:00Z")] // In the evening, to the next week
    public void It_says_when_it_opens_next(string closedAt, string opensAt) =>
        Assert.Equal(At(opensAt), Hours(SaoPaulo, "monday 08:00-12:00", "monday 14:00-18:00").OpensNext(At(closedAt)));

    [Fact]
    public void A_store_without_hours_never_opens()
    {
        var hours = Hours(SaoPaulo);
        Assert.False(hours.IsOpenAt(At("2026-03-02T12:00:00Z")));
        Assert.Null(hours.OpensNext(At("2026-03-02T12:00:00Z")));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static OpeningHours Hours(string zone, params string[] intervals) => new(
        [.. intervals.Select(text => text.Split(' ', '-')).Select(part => new OpeningInterval(Wire.Parse<DayOfWeek>(part[0]), part[1], part[2]))],
        TimeZoneInfo.FindSystemTimeZoneById(zone));
}
