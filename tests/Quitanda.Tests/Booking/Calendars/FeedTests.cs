using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Calendars;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking.Calendars;

/// <summary>Calendars elsewhere: what they close, what they never displace, and what is made of those that are no good.</summary>
public sealed class FeedTests(FeedApp app) : IClassFixture<FeedApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    [Fact]
    public async Task What_is_busy_elsewhere_is_closed_here_and_opened_again_when_it_is_gone()
    {
        await using var server = new FeedServer();
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id, units: 2);
        server.Busy((Day(5), Day(7)), (Day(6), Day(8)), (Day(-30), Day(-20)));
        var feed = await app.AddFeed(owner, listing, server);
        Assert.Equal(("good", 1), (feed.Text("status"), feed.GetProperty("busyPeriods").GetInt32()));

        Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(7), Day(7))).Refusal(HttpStatusCode.Conflict));
        await renter.Client.Booked(listing, Day(8), Day(8), quantity: 2);
        // Nothing that the calendar says besides is kept.
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.blocks b join booking.feeds f on f.id = b.feed_id where b::text || f::text like '%Souza%'"));

        server.Busy((Day(6), Day(7)));
        await Refresh(owner, feed);
        await renter.Client.Booked(listing, Day(7), Day(7), quantity: 2);
        Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(6), Day(6))).Refusal(HttpStatusCode.Conflict));

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Send(HttpMethod.Delete, FeedApp.PathOf(feed))).StatusCode);
        await renter.Client.Booked(listing, Day(6), Day(6), quantity: 2);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.Client.Get(FeedApp.PathOf(feed))).StatusCode);
    }

    [Fact]
    public async Task A_booking_is_never_displaced_its_owner_is_told_once_and_what_it_frees_is_closed()
    {
        await using var server = new FeedServer();
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var booking = await app.Confirmed(renter.Client, listing, Day(12), Day(13));
        server.Busy((Day(10), Day(17)));
        var feed = await app.AddFeed(owner, listing, server);

        Assert.Equal(booking.Id(), Assert.Single(feed.GetProperty("conflicts").EnumerateArray()).GetProperty("bookingId").GetGuid());
        Assert.Equal("confirmed", (await renter.Client.Booking(booking.Id())).Text("status"));
        foreach (var day in (int[])[10, 11, 14, 16])
            Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(day), Day(day))).Refusal(HttpStatusCode.Conflict));
        await renter.Client.Booked(listing, Day(17), Day(17));

        await Refresh(owner, feed);
        var letter = Assert.Single(await LettersTo(owner));
        Assert.Equal("booking.feed-conflicts", letter.Text("template"));
        Assert.Contains(booking.Text("code"), letter.Text("text"), StringComparison.Ordinal);

        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")).Body();
        await app.RunJobs();
        Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(12), Day(13))).Refusal(HttpStatusCode.Conflict));
        Assert.Empty((await (await owner.Client.Get(FeedApp.PathOf(feed))).Body()).GetProperty("conflicts").EnumerateArray());
        Assert.Single(await LettersTo(owner), told => told.Text("template") == "booking.feed-conflicts");
    }

    [Fact]
    public async Task What_two_calendars_close_stays_closed_until_both_let_go()
    {
        await using FeedServer one = new(), other = new();
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        one.Busy((Day(20), Day(24)));
        other.Busy((Day(22), Day(26)));
        var (first, second) = (await app.AddFeed(owner, listing, one), await app.AddFeed(owner, listing, other));
        one.Busy();
        await Refresh(owner, first);

        await renter.Client.Booked(listing, Day(20), Day(21));
        Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(22), Day(22))).Refusal(HttpStatusCode.Conflict));
        other.Busy();
        await Refresh(owner, second);
        await renter.Client.Booked(listing, Day(22), Day(25));
    }

    [Fact]
    public async Task A_calendar_that_cannot_be_read_keeps_what_was_known_is_shown_and_told_once_and_is_asked_less_often()
    {
        await using var server = new FeedServer();
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        server.Busy((Day(40), Day(42)));
        var feed = await app.AddFeed(owner, listing, server);
        var asked = server.Asked.Count;

        server.Say("<html>Sign in</html>");
        foreach (var (wait, failures) in new[] { (17, 1), (17, 2), (34, 3), (67, 4) })
        {
            await app.Later(TimeSpan.FromMinutes(wait));
            feed = await (await owner.Client.Get(FeedApp.PathOf(feed))).Body();
            Assert.Equal(("failed", "not_a_calendar", failures), (feed.Text("status"), feed.Text("error"), feed.GetProperty("failures").GetInt32()));
        }

        Assert.Equal(asked + 4, server.Asked.Count);
        Assert.Equal("slot_taken", await (await renter.Client.Book(listing, Day(41), Day(41))).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("booking.feed-failed", Assert.Single(await LettersTo(owner)).Text("template"));
        Assert.True(feed.GetProperty("nextAt").GetDateTimeOffset() > app.Clock.GetUtcNow().AddMinutes(100));

        server.Busy();
        await Refresh(owner, feed);
        await renter.Client.Booked(listing, Day(41), Day(41));
        feed = await (await owner.Client.Get(FeedApp.PathOf(feed))).Body();
        Assert.Equal(("good", 0), (feed.Text("status"), feed.GetProperty("failures").GetInt32()));
    }

    [Fact]
    public async Task A_version_that_is_known_is_not_read_again_for_a_day()
    {
        await using var server = new FeedServer();
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var calendar = FeedServer.Calendar([$"DTSTART;VALUE=DATE:{Day(3):yyyyMMdd}"]);
        server.Say(calendar, headers: "ETag: \"v1\"\r\nLast-Modified: Sun, 01 Mar 2026 10:00:00 GMT\r\n");
        var feed = await app.AddFeed(owner, listing, server);
        Assert.DoesNotContain("If-None-Match", server.Asked.Last(), StringComparison.Ordinal);

        server.Say("", "304 Not Modified", "ETag: \"v1\"\r\n");
        await app.Later(TimeSpan.FromMinutes(17));
        Assert.Contains("If-None-Match: \"v1\"", server.Asked.Last(), StringComparison.Ordinal);
        Assert.Contains("If-Modified-Since: Sun, 01 Mar 2026 10:00:00 GMT", server.Asked.Last(), StringComparison.Ordinal);
        feed = await (await owner.Client.Get(FeedApp.PathOf(feed))).Body();
        Assert.Equal(("good", 1), (feed.Text("status"), feed.GetProperty("busyPeriods").GetInt32()));

        server.Say(calendar, headers: "ETag: \"v1\"\r\n");
        await app.Later(TimeSpan.FromHours(25));
        Assert.DoesNotContain("If-None-Match", server.Asked.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_listings_own_events_are_not_busy_when_they_come_back_and_those_of_another_listing_are()
    {
        await using var server = new FeedServer();
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var (listing, other) = (await app.Listing(owner.Id), await app.Listing(owner.Id));
        var booking = await app.Confirmed(renter.Client, listing, Day(30), Day(31));
        var link = (await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/calendar-link")).Body(HttpStatusCode.Created)).Text("url");
        server.Say(await app.Guest.GetStringAsync(new Uri(link, UriKind.Relative), Ct));
        await app.AddFeed(owner, listing, server);
        await app.AddFeed(owner, other, server);

        Assert.Empty(await LettersTo(owner));
        Assert.Equal("slot_taken", await (await renter.Client.Book(other, Day(31), Day(31))).Refusal(HttpStatusCode.Conflict));
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")).Body();
        await app.RunJobs();
        await renter.Client.Booked(listing, Day(30), Day(31));
    }

    [Fact]
    public async Task A_calendar_that_never_ends_is_waited_for_no_longer_than_it_may_take()
    {
        await using var server = new FeedServer();
        await using var hasty = await app.StartBeside([.. FeedApp.Here, ("Booking:FeedTimeoutSeconds", "1")]);
        server.OnRequest = async (_, stream, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"u8.ToArray(), ct);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        };
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var added = await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/feeds", new { name = "Praia", url = server.Url })).Body(HttpStatusCode.Created);
        while (await hasty.Services.GetRequiredService<JobRunner>().RunDue(TestContext.Current.CancellationToken) > 0)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        var feed = await (await owner.Client.Get(FeedApp.PathOf(added))).Body();
        Assert.Equal(("failed", "unreachable", "It did not answer within 1 s."), (feed.Text("status"), feed.Text("error"), feed.Text("errorDetail")));
    }

    [Theory]
    [InlineData("long", "too_large")]
    [InlineData("packed", "too_large")]
    [InlineData("inside", "not_allowed")]
    [InlineData("around", "refused")]
    [InlineData("broken off", "unreachable")]
    [InlineData("no end", "not_a_calendar")]
    [InlineData("binary", "not_a_calendar")]
    [InlineData("deep", "not_a_calendar")]
    [InlineData("many", "too_many_events")]
    [InlineData("every second", "unsupported_recurrence")]
    [InlineData("for ever", "too_many_events")]
    [InlineData("path", "unknown_time_zone")]
    [InlineData("gone", "refused")]
    public async Task A_hostile_calendar_costs_little_and_closes_nothing(string kind, string error)
    {
        await using var server = new FeedServer();
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var begins = $"DTSTART;VALUE=DATE:{Day(3):yyyyMMdd}";
        switch (kind)
        {
            case "long":
                server.OnRequest = async (_, stream, ct) =>
                {
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"u8.ToArray(), ct);
                    for (var line = Encoding.ASCII.GetBytes(new string(' ', 8000) + "\r\n"); !ct.IsCancellationRequested;)
                        await stream.WriteAsync(line, ct);
                };
                break;
            case "packed":
                server.Say(Packed(50_000_000), headers: "Content-Encoding: gzip\r\n");
                break;
            case "inside":
                server.Say("", "302 Found", "Location: https://169.254.169.254/latest/meta-data\r\n");
                break;
            case "around":
                server.Say("", "301 Moved", $"Location: {server.Url}\r\n");
                break;
            case "broken off":
                server.OnRequest = async (_, stream, ct) => await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nBEGIN:VCALENDAR\r\n"u8.ToArray(), ct);
                break;
            case "no end":
                server.Say(FeedServer.Calendar([begins]).Replace("END:VCALENDAR\r\n", "", StringComparison.Ordinal));
                break;
            case "binary":
                server.Say("BEGIN:VCALENDAR\0END:VCALENDAR");
                break;
            case "deep":
                server.Say(string.Concat(Enumerable.Repeat("BEGIN:VCALENDAR\r\n", 20_000)));
                break;
            case "many":
                server.Say(FeedServer.Calendar(Enumerable.Repeat(begins, 2001)));
                break;
            case "every second":
                server.Say(FeedServer.Calendar([$"{begins}\r\nRRULE:FREQ=SECONDLY"]));
                break;
            case "for ever":
                server.Say(FeedServer.Calendar(Enumerable.Repeat("DTSTART:19000101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=2000000000", 1000)));
                break;
            case "path":
                server.Say(FeedServer.Calendar([$"DTSTART;TZID=\"/../../../dev/zero\":{Day(3):yyyyMMdd}T100000"]));
                break;
            default:
                server.Say("", "410 Gone");
                break;
        }

        var feed = await app.AddFeed(owner, listing, server);
        Assert.Equal(("failed", error, 0), (feed.Text("status"), feed.Text("error"), feed.GetProperty("busyPeriods").GetInt32()));
        Assert.DoesNotContain("127.0.0.1", feed.Text("errorDetail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_has_ten_calendars_each_once_and_nobody_elses_are_there()
    {
        var (owner, stranger, renter) = (await app.Owner(), await app.Owner(), await app.Renter());
        var (listing, pooled) = (await app.Listing(owner.Id), await app.Listing(owner.Id, units: 30));
        var path = $"/api/v1/listings/{listing.Id}/feeds";
        for (var at = 0; at < Feed.AtMost; at++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await (await owner.Client.Post(path, new { name = $"Site {at}", url = $"webcal://calendars.example.com/{at}.ics" })).Body(HttpStatusCode.Created);
        }

        Assert.Equal("feed_known", await (await owner.Client.Post(path, new { name = "Site", url = "https://calendars.example.com/1.ics" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("too_many_feeds", await (await owner.Client.Post(path, new { name = "Site", url = "https://calendars.example.com/11.ics" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("too_many_units", await (await owner.Client.Post($"/api/v1/listings/{pooled.Id}/feeds", new { name = "Site", url = "https://calendars.example.com/1.ics" })).Refusal(HttpStatusCode.Conflict));
        var feeds = (await (await owner.Client.Get(path)).Body()).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal((Feed.AtMost, "https://calendars.example.com/0.ics", "waiting"), (feeds.Count, feeds[0].Text("url"), feeds[0].Text("status")));

        foreach (var request in (Func<HttpClient, Task<HttpResponseMessage>>[])[
            client => client.Get(path), client => client.Get(FeedApp.PathOf(feeds[0])), client => client.Post(path, new { name = "Site", url = "https://calendars.example.com/12.ics" }),
            client => client.Send(HttpMethod.Patch, FeedApp.PathOf(feeds[0]), new { name = "Mine" }), client => client.Send(HttpMethod.Delete, FeedApp.PathOf(feeds[0])), client => client.Post($"{FeedApp.PathOf(feeds[0])}/refresh"),
            client => client.Get($"/api/v1/listings/{listing.Id}/calendar-link"), client => client.Post($"/api/v1/listings/{listing.Id}/calendar-link"), client => client.Send(HttpMethod.Delete, $"/api/v1/listings/{listing.Id}/calendar-link")])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await request(stranger.Client)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await request(renter.Client)).StatusCode);
        }

        var moved = await (await owner.Client.Send(HttpMethod.Patch, FeedApp.PathOf(feeds[0]), new { name = "Praia", url = "https://calendars.example.com/moved.ics" })).Body();
        Assert.Equal(("Praia", "https://calendars.example.com/moved.ics"), (moved.Text("name"), moved.Text("url")));
    }

    [Theory]
    [InlineData("ftp://calendars.example.com/a.ics")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://ana:secret@calendars.example.com/a.ics")]
    [InlineData("https://10.0.0.7/a.ics")]
    [InlineData("https://0xA9FEA9FE/a.ics")]
    [InlineData("https://[::ffff:192.168.0.1]/a.ics")]
    [InlineData("https://[fd00::1]/a.ics")]
    [InlineData("calendars")]
    public async Task An_address_that_is_not_everybodys_is_refused(string url)
    {
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        Assert.Equal("validation_failed", await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/feeds", new { name = "Site", url })).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task An_address_that_is_too_long_once_it_is_written_out_is_refused()
    {
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var url = $"webcal://calendars.example.com/{new string('ã', 1000)}.ics";
        Assert.Equal("validation_failed", await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/feeds", new { name = "Site", url })).Refusal(HttpStatusCode.BadRequest));
    }

    private async Task Refresh(Party owner, JsonElement feed)
    {
        await (await owner.Client.Post($"{FeedApp.PathOf(feed)}/refresh")).Body(HttpStatusCode.Accepted);
        await app.RunJobs();
    }

    private async Task<List<JsonElement>> LettersTo(Party owner)
    {
        await app.RunJobs();
        var address = await app.Scalar<string>($"select email from accounts.users where id = {owner.Id}");
        return [.. (await (await app.Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray().Where(mail => mail.Text("toAddress") == address && mail.Text("template").Contains(".feed-", StringComparison.Ordinal))];
    }

    private static byte[] Packed(int length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(new byte[length]);
        return packed.ToArray();
    }
}
