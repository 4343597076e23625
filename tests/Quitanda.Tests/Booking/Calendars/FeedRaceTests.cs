using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking.Calendars;

/// <summary>Calendars elsewhere that are read while something else happens to them.</summary>
public sealed class FeedRaceTests(FeedApp app) : IClassFixture<FeedApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    [Fact]
    public async Task What_was_read_of_a_listing_whose_days_began_elsewhere_meanwhile_is_read_again()
    {
        await using var server = new FeedServer();
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        server.Busy((Day(5), Day(6)));
        var (say, isFirst) = (server.OnRequest, true);
        server.OnRequest = async (head, stream, ct) =>
        {
            if (isFirst)
            {
                isFirst = false;
                await (await owner.Client.Send(HttpMethod.Patch, $"/api/v1/listings/{listing.Id}", new { timeZone = "America/Manaus" })).Body();
            }

            await say(head, stream, ct);
        };
        var feed = await app.AddFeed(owner, listing, server);
        await app.RunJobs();
        Assert.Equal(2, server.Asked.Count);
        Assert.Equal(Day(5).ToDateTime(new(4, 0), DateTimeKind.Utc), await app.Scalar<DateTime>($"select starts_at from booking.blocks where feed_id = {feed.Id()}"));
    }

    [Fact]
    public async Task Two_processes_that_read_one_calendar_at_once_close_each_time_once()
    {
        await using var server = new FeedServer();
        await using var other = await app.StartBeside(FeedApp.Here);
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id, units: 3);
        server.Busy((Day(5), Day(7)));
        var feed = await app.AddFeed(owner, listing, server);
        var there = other.ClientFor(owner.Client);
        for (var round = 0; round < 10; round++)
        {
            server.Busy((Day(5 + round), Day(7 + round)), (Day(30), Day(31 + round)));
            await Task.WhenAll(((HttpClient[])[owner.Client, there]).Select(async client => await (await client.Post($"{FeedApp.PathOf(feed)}/refresh")).Body(HttpStatusCode.Accepted)));
            await Task.WhenAll(((IServiceProvider[])[app.Services, other.Services]).Select(process => process.GetRequiredService<JobRunner>().RunDue(Ct)));
            await app.RunJobs();
            var shown = await (await owner.Client.Get(FeedApp.PathOf(feed))).Body();
            Assert.Equal(("good", null), (shown.Text("status"), shown.Text("errorDetail")));
            Assert.Equal(2, await app.Scalar<long>($"select count(*) from booking.blocks where feed_id = {feed.Id()}"));
            // Each day of each unit is closed once: no time of a unit overlaps another, as the database sees to, and nothing is left open.
            Assert.Equal(3 * (2 + 1 + round), await app.Scalar<decimal>($"select sum(extract(epoch from upper(during) - lower(during)) / 86400) from booking.taken where listing_id = {listing.Id}"));
        }

        Assert.Equal("", await app.Scalar<string>($"select coalesce(string_agg(last_error, ' '), '') from platform.jobs where last_error is not null"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where state = 'dead' and payload->>'feedId' = {feed.Id().ToString()}"));
    }
}
