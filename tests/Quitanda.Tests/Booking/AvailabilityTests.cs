using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

/// <summary>It is 4 March 2026, a Wednesday, at 15:00 UTC: noon in São Paulo.</summary>
public sealed class AvailabilityTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Sixty_days_are_shown_from_today_on_and_what_is_closed_is_seen_at_once()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category, ("units", 2))).Id();
        var days = await Days(listing);
        Assert.Equal(60, days.Count);
        Assert.Equal(("2026-03-04", 2, true, false), (days[0].Text("date"), days[0].GetProperty("freeUnits").GetInt32(), days[0].GetProperty("isFree").GetBoolean(), days[0].GetProperty("canStart").GetBoolean()));
        Assert.True(days[1].GetProperty("canStart").GetBoolean());

        await (await owner.Close(listing, "2026-03-06", "2026-03-07", 1)).Body(HttpStatusCode.Created);
        await (await owner.Close(listing, "2026-03-07", "2026-03-07", 1)).Body(HttpStatusCode.Created);
        Assert.Equal([2, 1, 0, 2], (await Days(listing, "?from=2026-03-05&to=2026-03-08")).Select(day => day.GetProperty("freeUnits").GetInt32()));
        Assert.Equal([2, 2, 1, 0, 2], (await Days(listing)).Take(5).Select(day => day.GetProperty("freeUnits").GetInt32()));
    }

    [Fact]
    public async Task A_booking_may_start_where_notice_horizon_start_days_length_and_buffers_let_it()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category,
            ("pricing", new { unit = "day", price = Shop.Price(100), weekendPrice = Shop.Price(150), minimum = 2, seasons = new[] { new { name = "Páscoa", from = "2026-03-20", to = "2026-03-20", price = Shop.Price(300) } } }),
            ("buffer", new { before = 1, after = 0 }), ("noticeHours", 48), ("horizonDays", 20), ("startDays", (string[])["friday", "saturday", "sunday"]))).Id();
        await (await owner.Close(listing, "2026-03-14", "2026-03-14")).Body(HttpStatusCode.Created);
        var days = await Days(listing, "?from=2026-03-05&to=2026-03-29");
        // The 6th begins within 48 hours. On the 13th the second day is taken, on the 15th the day before. The 27th is behind the horizon.
        Assert.Equal(["2026-03-07", "2026-03-08", "2026-03-20", "2026-03-21", "2026-03-22"], days.Where(day => day.GetProperty("canStart").GetBoolean()).Select(day => day.Text("date")), StringComparer.Ordinal);
        Assert.Equal([150, 300], days.Where(day => day.Text("date") is "2026-03-07" or "2026-03-20").Select(day => day.GetProperty("price").GetProperty("amount").GetInt64()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    public async Task By_the_hour_the_times_that_are_taken_are_named(int units)
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category, ("pricing", new { unit = "hour", price = Shop.Price(100) }), ("units", units))).Id();
        // From 21:00 in São Paulo to 2:00 of the next day.
        await (await owner.Close(listing, "2026-03-11T00:00:00Z", "2026-03-11T05:00:00Z", units)).Body(HttpStatusCode.Created);
        await (await owner.Close(listing, "2026-03-11T05:00:00Z", "2026-03-11T05:15:00Z", units)).Body(HttpStatusCode.Created);
        var days = await Days(listing, "?from=2026-03-10&to=2026-03-12");
        Assert.Equal(["2026-03-11T00:00:00.000000Z 2026-03-11T03:00:00.000000Z 0", "2026-03-11T03:00:00.000000Z 2026-03-11T05:15:00.000000Z 0"],
            days.SelectMany(day => day.GetProperty("busy").EnumerateArray()).Select(busy => $"{busy.Text("startAt")} {busy.Text("endAt")} {busy.GetProperty("freeUnits").GetInt32()}"), StringComparer.Ordinal);
        Assert.All(days, day => Assert.Equal(units, day.GetProperty("freeUnits").GetInt32()));
    }

    [Theory]
    [InlineData("?from=2026-03-04&to=2027-04-08", "to")]
    [InlineData("?from=2026-03-04&to=2026-03-03", "to")]
    [InlineData("?from=2036-03-04", "from")]
    [InlineData("?from=amanha", "from")]
    public async Task What_makes_no_sense_is_refused(string query, string field)
    {
        var listing = (await (await app.Owner()).Client.AddListing(await app.AddListingCategory())).Id();
        var errors = (await (await app.Guest.Get($"/api/v1/listings/{listing}/availability{query}")).Body(HttpStatusCode.BadRequest)).GetProperty("errors");
        Assert.Equal(field, Assert.Single(errors.EnumerateObject()).Name);
    }

    [Fact]
    public async Task A_year_is_shown_and_an_unknown_listing_is_not()
    {
        var listing = (await (await app.Owner()).Client.AddListing(await app.AddListingCategory())).Id();
        Assert.Equal(400, (await Days(listing, "?from=2026-03-04&to=2027-04-07")).Count);
        await (await app.Guest.Get($"/api/v1/listings/{Guid.CreateVersion7()}/availability")).Body(HttpStatusCode.NotFound);
    }

    private async Task<List<JsonElement>> Days(Guid listing, string query = "") =>
        [.. (await (await app.Guest.Get($"/api/v1/listings/{listing}/availability{query}")).Body()).GetProperty("days").EnumerateArray()];
}
