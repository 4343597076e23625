using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;

namespace Quitanda.Tests.Booking;

/// <summary>Days and hours of a listing on the days on which clocks change.</summary>
public sealed class ListingTimeTests
{
    /// <summary>In São Paulo clocks changed at midnight: 4 November 2018 began at one, and the night of 17 February had its last hour twice.</summary>
    [Theory]
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 23)]
    [InlineData("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", 25)]
    [InlineData("Europe/Lisbon", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", 23)]
    [InlineData("Europe/Lisbon", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 25)]
    [InlineData("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 23)]
    [InlineData("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 25)]
    public void A_day_is_as_long_as_the_calendar_says_and_costs_a_day(string zone, string date, string begins, string ends, int hours)
    {
        var clock = Clock(zone, RentalUnit.Day);
        var day = DateOnly.ParseExact(date, "yyyy-MM-dd", null);
        var period = clock.Days(day, day);
        Assert.Equal((At(begins), At(ends)), (period.From, period.Until));
        Assert.Equal(hours, (period.Until - period.From).TotalHours);
        Assert.Equal((1, day, day), (clock.LengthOf(period), clock.DayOf(period.From), clock.LastDayOf(period)));
        Assert.Equal([period.From], clock.Cells(period));
        // Its neighbours touch it and do not overlap it.
        foreach (var other in (Period[])[clock.Days(day.AddDays(-1), day.AddDays(-1)), clock.Days(day.AddDays(1), day.AddDays(1))])
            Assert.False(period.Overlaps(other));
        Assert.Equal(period.Until, clock.Days(day.AddDays(1), day.AddDays(1)).From);
        Assert.Equal([(PriceRule.Base, 10_000L)], Price.Of(Terms(RentalUnit.Day), clock, period, quantity: 1, addOns: []).Select(line => (line.Rule, line.Amount)));

        // A week around it: seven days, seven cells, seven prices, and buffers of whole days.
        var week = clock.Days(day.AddDays(-3), day.AddDays(3));
        Assert.Equal((7, 7), (clock.LengthOf(week), clock.Cells(week).Count()));
        Assert.Equal(70_000, Price.Of(Terms(RentalUnit.Day), clock, week, quantity: 1, addOns: []).Sum(line => line.Amount));
        var buffered = new ListingClock(RentalUnit.Day, TimeZoneInfo.FindSystemTimeZoneById(zone), new(1, 1)).WithBuffers(clock.Days(day.AddDays(1), day.AddDays(1)));
        Assert.Equal((period.From, clock.BeginningOf(day.AddDays(3))), (buffered.From, buffered.Until));

        // By the hour, a whole such day is as many hours as it has.
        var byHour = Clock(zone, RentalUnit.Hour);
        Assert.Equal((hours * 60, hours * 4), (byHour.LengthOf(period), byHour.Cells(period).Count()));
        Assert.Equal(hours * 10_000L, Price.Of(Terms(RentalUnit.Hour), byHour, period, quantity: 1, addOns: []).Sum(line => line.Amount));
    }

    [Fact]
    public void A_night_over_the_weekend_is_priced_by_the_day_that_each_hour_is_in()
    {
        // Friday 22:00 to Saturday 02:30 in New York.
        var clock = Clock("America/New_York", RentalUnit.Hour);
        var lines = Price.Of(
            Terms(RentalUnit.Hour) with { Pricing = new(RentalUnit.Hour, new(10_000, "USD"), WeekendPrice: new(12_001, "USD")) }, clock, new(At("2026-10-31T02:00:00Z"), At("2026-10-31T06:30:00Z")), quantity: 1, addOns: []);
        Assert.Equal([(PriceRule.Base, 2m, 20_000L), (PriceRule.Weekend, 2.5m, 30_003L)], lines.Select(line => (line.Rule, line.Quantity, line.Amount)));
    }

    private static ListingTerms Terms(RentalUnit unit) => new() { Pricing = new(unit, new(10_000, "BRL")) };

    private static ListingClock Clock(string zone, RentalUnit unit) => new(unit, TimeZoneInfo.FindSystemTimeZoneById(zone), new());

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
