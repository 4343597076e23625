using System.Net;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>One slot, and two hundred who want it, at two processes.</summary>
public sealed class BookingRaceTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Of_two_hundred_who_want_one_slot_exactly_one_has_it()
    {
        await using var other = await app.StartBeside();
        var owner = await app.Owner();
        var renters = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => app.Renter()));
        HttpClient[] clients = [.. renters.SelectMany(renter => (HttpClient[])[renter.Client, other.ClientFor(renter.Client)])];
        var listing = await app.Listing(owner.Id, RentalUnit.Hour);
        var many = await app.Listing(owner.Id, RentalUnit.Day, units: 30);
        for (var round = 0; round < 5; round++)
        {
            var at = new DateTimeOffset(app.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(3 + 2 * round);
            // Starts that overlap: none of them leaves room for another.
            var answers = await Task.WhenAll(clients.Select((client, place) => client.Book(listing, at.AddMinutes(15 * (place % 8)), at.AddMinutes(15 * (place % 8) + 240))));
            Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
            foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
                Assert.Equal("slot_taken", (await answer.Body(HttpStatusCode.Conflict)).Text("code"));
        }

        // The same where units are counted: 30 of them, in threes.
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(40);
        var counted = await Task.WhenAll(clients.Select((client, place) => client.Book(many, day.AddDays(-(place % 3)), day.AddDays(place % 2), quantity: 3)));
        Assert.Equal(10, counted.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(190, counted.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(30, await app.Scalar<int>($"select max(taken) from booking.counts where resource_id = {many.Id}"));
    }

    [Fact]
    public async Task The_database_itself_refuses_what_overlaps()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(5);
        var booking = await renter.Client.Booked(listing, day, day);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => app.Execute($"insert into booking.taken (listing_id, unit, during, booking_id) select listing_id, unit, during, booking_id from booking.taken where booking_id = {booking.Id()}"));
        Assert.Contains("no_overlap", error.ToString(), StringComparison.Ordinal);
        var pool = await app.Listing(owner.Id, units: 25);
        await renter.Client.Booked(pool, day, day, quantity: 25);
        var counted = await Assert.ThrowsAnyAsync<Exception>(() => app.Execute($"update booking.counts set taken = taken + 1 where resource_id = {pool.Id}"));
        Assert.Contains("no_more_than_there_are", counted.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payment_that_meets_its_expiry_is_kept_with_the_slot_or_goes_back()
    {
        await using var other = await app.StartBeside();
        var owner = await app.Owner();
        var listing = await app.Listing(owner.Id);
        var first = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(10);
        var pairs = await Task.WhenAll(Enumerable.Range(0, 12).Select(async at =>
        {
            var (renter, rival) = (await app.Renter(), await app.Renter());
            var booking = await renter.Client.Booked(listing, first.AddDays(at), first.AddDays(at));
            return (Renter: renter, Rival: rival, Id: booking.Id(), Day: first.AddDays(at),
                Payment: (await (await renter.Client.Post("/api/v1/payments", new { bookingId = booking.Id(), provider = "sandbox", method = "card" })).Body(HttpStatusCode.Created)).Id());
        }));
        app.Clock.Advance(TimeSpan.FromMinutes(30));

        await Task.WhenAll(pairs.SelectMany(pair => (Task[])[pair.Renter.Client.Post($"/api/v1/sandbox/payments/{pair.Payment}/succeed"), other.ClientFor(pair.Rival.Client).Book(listing, pair.Day, pair.Day)]));
        await app.Later(TimeSpan.FromSeconds(30));
        foreach (var pair in pairs)
        {
            var mine = (await pair.Renter.Client.Booking(pair.Id)).Text("status");
            var paid = (await (await pair.Renter.Client.Get($"/api/v1/payments/{pair.Payment}")).Body()).Text("status");
            Assert.Contains((mine, paid), new[] { ("confirmed", "succeeded"), ("expired", "refunded") });
            Assert.Equal(1, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id} and during && tstzrange({pair.Day.ToDateTime(new(12, 0), DateTimeKind.Utc)}, {pair.Day.ToDateTime(new(13, 0), DateTimeKind.Utc)})"));
        }
    }
}
