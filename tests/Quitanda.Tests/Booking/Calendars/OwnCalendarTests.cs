using System.Globalization;
using System.Net;
using System.Text.Json;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Booking.Calendars;

/// <summary>A listing's own calendar: who reads it, and that another program reads in it what is booked.</summary>
public sealed class OwnCalendarTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    [Fact]
    public async Task Its_address_is_secret_told_once_and_ended_by_the_next_one_or_by_hand()
    {
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var path = $"/api/v1/listings/{listing.Id}/calendar-link";
        Assert.Equal(HttpStatusCode.NotFound, (await owner.Client.Get(path)).StatusCode);
        var first = (await (await owner.Client.Post(path)).Body(HttpStatusCode.Created)).Text("url");
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.Get(first)).StatusCode);
        Assert.DoesNotContain("token", (await (await owner.Client.Get(path)).Body()).GetRawText(), StringComparison.Ordinal);

        var second = (await (await owner.Client.Post(path)).Body(HttpStatusCode.Created)).Text("url");
        var read = await app.Guest.Get(second);
        Assert.Equal(("text/calendar", HttpStatusCode.OK), (read.Content.Headers.ContentType!.MediaType, read.StatusCode));
        foreach (var wrong in (string[])[first, second[..^1], second[..second.IndexOf('?', StringComparison.Ordinal)], second.Replace(listing.Id.ToString(), (await app.Listing(owner.Id)).Id.ToString(), StringComparison.Ordinal)])
            Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get(wrong)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Send(HttpMethod.Delete, path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get(second)).StatusCode);
    }

    [Fact]
    public async Task It_is_the_same_bytes_until_something_changes_and_says_nothing_of_who_booked()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        await app.Execute($"update accounts.users set name = 'Bia Segredo' where id = {renter.Id}");
        var url = (await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/calendar-link")).Body(HttpStatusCode.Created)).Text("url");
        var booking = (await (await renter.Client.Post(Rentals.Bookings, new { listingId = listing.Id, startDate = Day(3), endDate = Day(4), notes = "Surpresa" })).Body(HttpStatusCode.Created)).Id();
        await renter.Client.Pay(new { bookingId = booking, provider = "sandbox", method = "card" });
        await app.RunJobs();
        var (text, tag) = await Read(url);
        foreach (var word in (string[])["Segredo", "Surpresa", "Bia", renter.Id.ToString()])
            Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase);

        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((text, tag), await Read(url));
        Assert.Equal(HttpStatusCode.NotModified, (await app.Guest.Send(HttpMethod.Get, url, json: null, ("If-None-Match", tag))).StatusCode);

        var uid = Assert.Single(text.Split("\r\n"), line => line.StartsWith("UID:", StringComparison.Ordinal));
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking}/reschedule", new { startDate = Day(8), endDate = Day(9) })).Body();
        var (moved, _) = await Read(url);
        Assert.Contains($"DTSTART;VALUE=DATE:{Day(8):yyyyMMdd}\r\nDTEND;VALUE=DATE:{Day(10):yyyyMMdd}", moved, StringComparison.Ordinal);
        Assert.Contains(uid, moved, StringComparison.Ordinal);
        Assert.Equal(Sequence(text) + 1, Sequence(moved));
        Assert.Contains("STATUS:CONFIRMED", moved, StringComparison.Ordinal);

        await (await renter.Client.Post($"{Rentals.Bookings}/{booking}/cancel")).Body();
        Assert.DoesNotContain("VEVENT", (await Read(url)).Text, StringComparison.Ordinal);

        static int Sequence(string calendar) => int.Parse(Assert.Single(calendar.Split("\r\n"), line => line.StartsWith("SEQUENCE:", StringComparison.Ordinal))[9..], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("America/Sao_Paulo")]
    [InlineData("Europe/Lisbon")]
    [InlineData("America/New_York")]
    public async Task Another_program_reads_the_same_events_on_the_days_on_which_clocks_change_too(string zone)
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var (byDay, byHour) = (await app.Listing(owner.Id, zone: zone), await app.Listing(owner.Id, RentalUnit.Hour, units: 2, zone: zone));
        const string Title = "Salão \"azul\"; à beira-mar, com 100 % de sol \\ lua e um nome tão comprido que não cabe em uma linha só 🌊🌊🌊🌊🌊🌊";
        await app.Execute($"update booking.listings set title = {Title} where owner_id = {owner.Id}");

        // The last Sundays of March and October, and the first of November, among a week around each.
        List<string> expected = [];
        foreach (var sunday in new DateOnly[] { new(2026, 3, 8), new(2026, 3, 29), new(2026, 10, 25), new(2026, 11, 1) })
        {
            await renter.Client.Booked(byDay, sunday, sunday);
            await renter.Client.Booked(byDay, sunday.AddDays(2), sunday.AddDays(3));
            expected.AddRange([$"{sunday:yyyy-MM-dd} {sunday.AddDays(1):yyyy-MM-dd}", $"{sunday.AddDays(2):yyyy-MM-dd} {sunday.AddDays(4):yyyy-MM-dd}"]);
        }

        var read = await ReadElsewhere(owner, byDay);
        Assert.Equal(expected, read.GetProperty("events").EnumerateArray().Select(one => $"{one.Text("start")} {one.Text("end")}"), StringComparer.Ordinal);
        Assert.Equal(Title, read.Text("name"));
        Assert.True(read.GetProperty("longest").GetInt32() <= 75);

        expected.Clear();
        foreach (var begins in new DateTimeOffset[] { new(2026, 3, 8, 6, 45, 0, TimeSpan.Zero), new(2026, 3, 29, 0, 15, 0, TimeSpan.Zero), new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), new(2026, 11, 1, 5, 0, 0, TimeSpan.Zero) })
        {
            await (await renter.Client.Book(byHour, begins, begins.AddHours(3), quantity: 2)).Body(HttpStatusCode.Created);
            await (await renter.Client.Book(byHour, begins.AddHours(4), begins.AddHours(5))).Body(HttpStatusCode.Created);
            expected.AddRange([Line(begins, begins.AddHours(3), "OPAQUE 2 of 2"), Line(begins.AddHours(4), begins.AddHours(5), "TRANSPARENT 1 of 2")]);
        }

        var events = (await ReadElsewhere(owner, byHour)).GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(expected, events.Select(one => $"{one.Text("start")} {one.Text("end")} {one.Text("transp")} {one.Text("summary")[10..^1]}"), StringComparer.Ordinal);
        Assert.All(events, one => Assert.Equal("TENTATIVE", one.Text("status")));
        Assert.Equal(events.Count, events.Select(one => one.Text("uid")).Distinct(StringComparer.Ordinal).Count());

        static string Line(DateTimeOffset from, DateTimeOffset until, string rest) => string.Create(CultureInfo.InvariantCulture, $"{from:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {until:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {rest}");
    }

    private async Task<JsonElement> ReadElsewhere(Party owner, Listing listing)
    {
        var url = (await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/calendar-link")).Body(HttpStatusCode.Created)).Text("url");
        return await IcalLibrary.Read((await Read(url)).Text);
    }

    private async Task<(string Text, string Tag)> Read(string url)
    {
        var answer = await app.Guest.Get(url);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(Ct), answer.Headers.ETag!.Tag);
    }
}

/// <summary>A library of npm that reads calendars.</summary>
internal static class IcalLibrary
{
    /// <summary>What it reads in a calendar, its events counted out until a year.</summary>
    public static async Task<JsonElement> Read(string calendar, int until = 2030)
    {
        var path = Path.Combine(Path.GetTempPath(), $"quitanda-ical-{Guid.CreateVersion7():N}.ics");
        await File.WriteAllTextAsync(path, calendar, TestContext.Current.CancellationToken);
        try
        {
            using var library = await Npm.Start("ical", "read.js", JsonSerializer.Serialize(new { path, until }));
            return await library.Until(said => said.TryGetProperty("events", out _));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
