using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Listings;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

/// <summary>The application whose letters stay in the local mailbox.</summary>
public sealed class LetteredRentalsApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    /// <summary>What was written to somebody, the first first.</summary>
    internal async Task<JsonElement[]> LettersTo(Party party)
    {
        await RunJobs();
        var address = await WithDb(db => db.ReadFirst($"select email from accounts.users where id = {party.Id}", row => row.GetString(0), CancellationToken.None));
        var mails = (await (await Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray();
        return [.. mails.Where(mail => mail.Text("toAddress") == address).Reverse()];
    }

    /// <summary>What kept jobs from being done.</summary>
    internal Task<List<string>> Failures() => WithDb(db => db.Read($"select kind || ': ' || last_error from platform.jobs where last_error is not null", row => row.GetString(0), CancellationToken.None));

    /// <summary>The kinds of letters that somebody got, the first first.</summary>
    internal async Task<string[]> KindsTo(Party party) => [.. (await LettersTo(party)).Select(mail => mail.Text("template")["booking.".Length..])];

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Mail:MailboxSize"] = "10000";
    }
}

/// <summary>Those who wait for what somebody else has.</summary>
public sealed class WaitlistTests(LetteredRentalsApp app) : IClassFixture<LetteredRentalsApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    private static string LineOf(Listing listing) => $"/api/v1/listings/{listing.Id}/waitlist";

    private static async Task<JsonElement> Wait(Party party, Listing listing, DateOnly first, DateOnly last) =>
        await (await party.Client.Post(LineOf(listing), new { startDate = first, endDate = last, notes = "Com sombra" })).Body(HttpStatusCode.Created);

    private static async Task<JsonElement> Now(Party party, JsonElement wait) => await (await party.Client.Get($"/api/v1/waitlist/{wait.Id()}")).Body();

    private static async Task<string> Stands(Party party, JsonElement wait) => (await Now(party, wait)).Text("status");

    [Fact]
    public async Task What_becomes_free_is_offered_down_the_line_to_each_once()
    {
        var (owner, holder, first, second, third) = (await app.Owner(), await app.Renter(), await app.Renter(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var (from, until) = (Day(10), Day(11));
        Assert.Equal("slot_free", await (await first.Client.Post(LineOf(listing), new { startDate = from, endDate = from })).Refusal(HttpStatusCode.Conflict));
        var held = await app.Confirmed(holder.Client, listing, from, until);

        var (one, both, other) = (await Wait(first, listing, from, from), await Wait(second, listing, from, until), await Wait(third, listing, until, until));
        Assert.Equal(["waiting 1", "waiting 2", "waiting 2"], new[] { one, both, other }.Select(wait => $"{wait.Text("status")} {wait.GetProperty("place").GetInt32()}"), StringComparer.Ordinal);
        Assert.Equal((from.ToString("O", CultureInfo.InvariantCulture), "Com sombra", first.Id), (one.Text("startDate"), one.Text("notes"), one.GetProperty("personId").GetGuid()));
        Assert.Equal("already_waiting", await (await first.Client.Post(LineOf(listing), new { startDate = from, endDate = from })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("own_listing", await (await owner.Client.Post(LineOf(listing), new { startDate = from, endDate = from })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal([one.Id(), both.Id(), other.Id()], (await (await owner.Client.Get(LineOf(listing))).Body()).GetProperty("data").EnumerateArray().Select(wait => wait.Id()));
        Assert.Equal([one.Id()], (await (await first.Client.Get("/api/v1/waitlist/mine")).Body()).GetProperty("data").EnumerateArray().Select(wait => wait.Id()));
        await (await second.Client.Get(LineOf(listing))).Refusal(HttpStatusCode.NotFound);
        await (await second.Client.Get($"/api/v1/waitlist/{one.Id()}")).Refusal(HttpStatusCode.NotFound);
        await (await second.Client.Delete($"/api/v1/waitlist/{one.Id()}")).Refusal(HttpStatusCode.NotFound);

        await (await holder.Client.Post($"{Rentals.Bookings}/{held.Id()}/cancel")).Body();
        await app.RunJobs();
        Assert.Empty(await app.Failures());
        // The second wants also what the first is offered.
        Assert.Equal(("offered", "waiting", "offered"), (await Stands(first, one), await Stands(second, both), await Stands(third, other)));
        Assert.Equal(1, (await Now(second, both)).GetProperty("place").GetInt32());
        var offered = await Now(first, one);
        Assert.Equal(app.Clock.GetUtcNow().AddMinutes(15), offered.GetProperty("offeredUntil").GetDateTimeOffset());
        var booking = offered.GetProperty("bookingId").GetGuid();
        Assert.Equal(["pending system waiting_list"], (await first.Client.Booking(booking)).Story(), StringComparer.Ordinal);
        Assert.Contains("time-offered", await app.KindsTo(first), StringComparer.Ordinal);
        Assert.DoesNotContain("time-offered", await app.KindsTo(second), StringComparer.Ordinal);

        await first.Client.Pay(new { bookingId = booking, provider = "sandbox", method = "card" });
        await app.Later(TimeSpan.FromMinutes(16));
        Assert.Equal(("taken", "waiting", "passed"), (await Stands(first, one), await Stands(second, both), await Stands(third, other)));
        Assert.Equal("not_waiting", await (await first.Client.Delete($"/api/v1/waitlist/{one.Id()}")).Refusal(HttpStatusCode.Conflict));

        await (await owner.Client.Post($"{Rentals.Bookings}/{booking}/cancel")).Body();
        await app.RunJobs();
        Assert.Equal("offered", await Stands(second, both));
        // Declined: all of it is free, and nobody who was offered it before is asked again.
        Assert.Equal(HttpStatusCode.NoContent, (await second.Client.Delete($"/api/v1/waitlist/{both.Id()}")).StatusCode);
        await app.Later(TimeSpan.FromMinutes(6));
        Assert.Equal(("taken", "passed", "passed"), (await Stands(first, one), await Stands(second, both), await Stands(third, other)));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id}"));
    }

    [Fact]
    public async Task Whoever_leaves_is_passed_over_and_a_wish_ends_when_its_time_begins()
    {
        var (owner, holder, first, second) = (await app.Owner(), await app.Renter(), await app.Renter(), await app.Renter());
        // Booked by request: what is offered is held all the same.
        var listing = await app.Listing(owner.Id, instant: false);
        var asked = await holder.Client.Booked(listing, Day(5), Day(6));
        await (await owner.Client.Post($"{Rentals.Bookings}/{asked.Id()}/confirm")).Body();
        await holder.Client.Pay(new { bookingId = asked.Id(), provider = "sandbox", method = "card" });
        var (left, next, late) = (await Wait(first, listing, Day(5), Day(5)), await Wait(second, listing, Day(5), Day(5)), await Wait(second, listing, Day(6), Day(6)));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Delete($"/api/v1/waitlist/{left.Id()}")).StatusCode);

        // A unit more, of which nobody says anything.
        await app.Execute($"update booking.listings set units = 2 where id = {listing.Id}");
        await app.Later(TimeSpan.FromMinutes(6));
        Assert.Empty(await app.Failures());
        Assert.Equal(("left", "offered", "offered"), (await Stands(first, left), await Stands(second, next), await Stands(second, late)));
        Assert.Equal("pending", (await second.Client.Booking((await Now(second, next)).GetProperty("bookingId").GetGuid())).Text("status"));

        var over = await Wait(first, listing, Day(5), Day(6));
        await app.Later(TimeSpan.FromDays(7));
        Assert.Equal("over", await Stands(first, over));
        Assert.Equal(JsonValueKind.Null, (await Now(first, over)).GetProperty("place").ValueKind);
    }

    [Fact]
    public async Task In_a_race_with_others_at_two_processes_the_line_keeps_its_order()
    {
        await using var other = await app.StartBeside();
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var (holder, day) = (await app.Renter(), Day(30));
        var held = await app.Confirmed(holder.Client, listing, day, day);
        List<(Party Party, JsonElement Wait)> line = [];
        for (var place = 0; place < 6; place++)
        {
            var party = await app.Renter();
            line.Add((party, await Wait(party, listing, day, day)));
        }

        var rivals = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => app.Renter()));
        await (await holder.Client.Post($"{Rentals.Bookings}/{held.Id()}/cancel")).Body();
        await Task.WhenAll([app.RunJobs(), RunJobs(), .. rivals.Select(rival => other.ClientFor(rival.Client).Book(listing, day, day))]);
        await app.RunJobs();
        // The time is somebody's, once: the first's in line, or a rival's who was quicker, and then everybody still waits.
        var snatched = await app.Scalar<long>($"select count(*) from booking.bookings where listing_id = {listing.Id} and status = 'pending' and renter_id = any({rivals.Select(rival => rival.Id).ToArray()})");
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id}"));
        Assert.Equal(1 - snatched, await app.Scalar<long>($"select count(*) from booking.waits where listing_id = {listing.Id} and status = 'offered'"));

        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(CancellationToken.None);
        for (var round = 0; round < 7; round++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(31));
            await Task.WhenAll(app.RunJobs(), RunJobs());
        }

        await app.RunJobs();
        foreach (var (party, wait) in line)
            Assert.Equal("passed", await Stands(party, wait));
        var order = await app.WithDb(db => db.Read($"select w.id from booking.waits w join booking.bookings b on b.id = w.booking_id where w.listing_id = {listing.Id} order by b.created_at", row => row.GetGuid(0), CancellationToken.None));
        Assert.Equal(line.Select(one => one.Wait.Id()), order);

        async Task RunJobs()
        {
            while (await other.Services.GetRequiredService<JobRunner>().RunDue(CancellationToken.None) > 0)
            {
                // Each round may have queued more.
            }
        }
    }

    [Fact]
    public async Task What_somebody_waits_for_is_theirs_to_read_and_goes_with_them()
    {
        var (owner, holder, person) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        await app.Confirmed(holder.Client, listing, Day(60), Day(60));
        var wait = await Wait(person, listing, Day(60), Day(60));
        var export = (await (await person.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("waitlist");
        Assert.Equal((1, wait.Id(), "Com sombra"), (export.GetArrayLength(), export[0].Id(), export[0].Text("notes")));
        Assert.Equal(HttpStatusCode.NoContent, (await person.Client.Delete("/api/v1/users/me")).StatusCode);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.waits where person_id = {person.Id}"));
    }
}
