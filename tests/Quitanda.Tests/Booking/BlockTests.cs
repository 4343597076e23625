using System.Net;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

public sealed class BlockTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Closed_days_are_the_listings_own_and_what_is_in_the_way_is_named()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category)).Id();
        var block = await (await owner.Post($"/api/v1/listings/{listing}/blocks", new { startDate = "2026-04-10", endDate = "2026-04-12", reason = "Reforma." })).Body(HttpStatusCode.Created);
        Assert.Equal(("2026-04-10", "2026-04-12", "2026-04-10T03:00:00.000000Z", "2026-04-13T03:00:00.000000Z", "Reforma."),
            (block.Text("startDate"), block.Text("endDate"), block.Text("startAt"), block.Text("endAt"), block.Text("reason")));

        var refused = await (await owner.Close(listing, "2026-04-12", "2026-04-13")).Body(HttpStatusCode.Conflict);
        Assert.Equal("slot_taken", refused.Text("code"));
        Assert.Equal(block.Id(), Assert.Single(refused.GetProperty("inTheWay").EnumerateArray()).GetProperty("blockId").GetGuid());
        await (await owner.Close(listing, "2026-04-13", "2026-04-13")).Body(HttpStatusCode.Created);
        var all = (await (await owner.Get($"/api/v1/listings/{listing}/blocks")).Body()).GetProperty("data");
        Assert.Equal(["2026-04-13", "2026-04-10"], all.EnumerateArray().Select(one => one.Text("startDate")), StringComparer.Ordinal);

        // What was refused left nothing behind.
        Assert.Equal(2, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing}"));
        await (await owner.Delete($"/api/v1/listings/{listing}/blocks/{block.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Equal("not_found", await (await owner.Delete($"/api/v1/listings/{listing}/blocks/{block.Id()}")).Refusal(HttpStatusCode.NotFound));
        await (await owner.Close(listing, "2026-04-10", "2026-04-12")).Body(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("America/Sao_Paulo", "2018-11-04", 23)]
    [InlineData("America/Sao_Paulo", "2018-02-17", 25)]
    [InlineData("Europe/Lisbon", "2026-03-29", 23)]
    [InlineData("America/New_York", "2026-11-01", 25)]
    public async Task A_closed_day_is_as_long_as_it_is(string zone, string day, int hours)
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category, ("timeZone", zone))).Id();
        // Years ago nothing can be closed; how a day lies in time is seen in what is free.
        if (day.StartsWith("2018", StringComparison.Ordinal))
        {
            var seen = (await app.WithDb(db => db.ReadFirst(
                $"select extract(epoch from booking.beginning_of({DateOnly.Parse(day, null)} + 1, {zone}) - booking.beginning_of({DateOnly.Parse(day, null)}, {zone}))::integer / 3600", row => row.GetInt32(0), CancellationToken.None)));
            Assert.Equal(hours, seen);
            return;
        }

        var block = await (await owner.Close(listing, day, day)).Body(HttpStatusCode.Created);
        Assert.Equal(hours, (block.GetProperty("endAt").GetDateTimeOffset() - block.GetProperty("startAt").GetDateTimeOffset()).TotalHours);
    }

    [Theory]
    [InlineData("""{"startDate":"2026-04-02","endDate":"2026-04-01"}""", "endDate")]
    [InlineData("""{"startDate":"2026-01-02","endDate":"2026-01-03"}""", "endDate")]
    [InlineData("""{"startDate":"2026-04-02"}""", "endDate")]
    [InlineData("""{"startAt":"2026-04-02T10:00:00Z","endAt":"2026-04-02T12:00:00Z"}""", "startAt")]
    [InlineData("""{"startDate":"2026-04-02","endDate":"2027-04-03"}""", "endDate")]
    [InlineData("""{"startDate":"2026-04-02","endDate":"2026-04-02","quantity":2}""", "quantity")]
    public async Task What_makes_no_sense_is_refused(string body, string field)
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = (await owner.AddListing(category)).Id();
        var errors = (await (await owner.Send(HttpMethod.Post, $"/api/v1/listings/{listing}/blocks", body)).Body(HttpStatusCode.BadRequest)).GetProperty("errors");
        Assert.Equal(field, Assert.Single(errors.EnumerateObject()).Name);
    }

    [Fact]
    public async Task Of_many_who_close_one_unit_each_exactly_as_many_as_there_are_do()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        foreach (var units in (int[])[5, 25])
        {
            var listing = (await owner.AddListing(category, ("units", units))).Id();
            var answers = await Task.WhenAll(Enumerable.Range(0, units + 10).Select(_ => owner.Close(listing, "2026-04-01", "2026-04-03", 1)));
            Assert.Equal(units, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
            Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        }
    }
}
