using System.Net;
using System.Text.Json;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

/// <summary>Renters and owners who go: what they said goes, what was paid stays, and nobody is left waiting.</summary>
public sealed class BookingsOfPeopleTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    [Fact]
    public async Task A_renter_who_goes_takes_their_words_along_and_what_they_paid_stays()
    {
        var (owner, renter, stays) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var over = await Noted(renter, listing, Day(1));
        await renter.Client.Pay(new { bookingId = over.Id(), provider = "sandbox", method = "card" });
        var cancelled = await Noted(renter, listing, Day(9));
        await (await renter.Client.Post($"{Rentals.Bookings}/{cancelled.Id()}/cancel", new { reason = "Minha tia Zulmira adoeceu" })).Body();
        var others = await Noted(stays, listing, Day(12));
        await app.Later(TimeSpan.FromDays(3));
        var before = await owner.Client.Booking(over.Id());
        Assert.Equal(("completed", "Chego tarde"), (before.Text("status"), before.Text("notes")));

        var export = (await (await renter.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("bookings");
        Assert.Equal(new[] { over.Id(), cancelled.Id() }.Order(), export.EnumerateArray().Select(booking => booking.Id()).Order());
        Assert.Equal("Minha tia Zulmira adoeceu", export.EnumerateArray().Single(booking => booking.Id() == cancelled.Id()).Text("cancelReason"));
        Assert.Equal((await renter.Client.Booking(over.Id())).GetRawText(), export.EnumerateArray().Single(booking => booking.Id() == over.Id()).GetRawText());

        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        foreach (var id in (Guid[])[over.Id(), cancelled.Id()])
        {
            var left = (await owner.Client.Booking(id)).GetRawText();
            foreach (var word in (string[])["Chego tarde", "placa", "Zulmira"])
                Assert.DoesNotContain(word, left, StringComparison.Ordinal);
        }

        var after = await owner.Client.Booking(over.Id());
        foreach (var same in (string[])["id", "code", "renterId", "status", "paymentStatus", "startAt", "endAt", "priceLines", "totalAmount"])
            Assert.Equal(before.GetProperty(same).GetRawText(), after.GetProperty(same).GetRawText());
        Assert.Equal("Chego tarde", (await owner.Client.Booking(others.Id())).Text("notes"));
    }

    [Fact]
    public async Task A_renter_who_goes_leaves_nothing_held_and_what_they_paid_keeps_them()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var (listing, asked) = (await app.Listing(owner.Id), await app.Listing(owner.Id, instant: false));
        var (held, paid) = (await Noted(renter, listing, Day(4)), await app.Confirmed(renter.Client, listing, Day(6), Day(7)));
        var request = await Noted(renter, asked, Day(4));
        var payment = (await (await renter.Client.Post("/api/v1/payments", new { bookingId = held.Id(), provider = "sandbox", method = "card" })).Body(HttpStatusCode.Created)).Id();

        foreach (var refused in (HttpResponseMessage[])[await renter.Client.Delete("/api/v1/users/me"), await (await app.Admin()).Client.Delete($"/api/v1/users/{renter.Id}")])
        {
            var refusal = await refused.Body(HttpStatusCode.Conflict);
            Assert.Equal(("open_bookings", $"[\"{paid.Id()}\"]"), (refusal.Text("code"), refusal.GetProperty("bookingIds").GetRawText()));
        }

        Assert.Equal(["pending", "confirmed", "requested"], await StatusesOf(owner, held, paid, request), StringComparer.Ordinal);
        await (await renter.Client.Post($"{Rentals.Bookings}/{paid.Id()}/cancel")).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        Assert.Equal(["cancelled", "cancelled", "cancelled"], await StatusesOf(owner, held, paid, request), StringComparer.Ordinal);
        Assert.Equal("cancelled", await app.Scalar<string>($"select status from payments.payments where id = {payment}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id}"));
        await (await app.Renter()).Client.Booked(listing, Day(4), Day(7));
    }

    [Fact]
    public async Task An_owner_who_goes_declines_what_is_asked_of_them_and_waits_for_what_is_held()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var (listing, asked) = (await app.Listing(owner.Id), await app.Listing(owner.Id, instant: false));
        var (paid, request) = (await app.Confirmed(renter.Client, listing, Day(1), Day(2)), await Noted(renter, asked, Day(14)));

        var refusal = await (await owner.Client.Delete("/api/v1/users/me")).Body(HttpStatusCode.Conflict);
        Assert.Equal(("open_bookings", $"[\"{paid.Id()}\"]"), (refusal.Text("code"), refusal.GetProperty("bookingIds").GetRawText()));
        Assert.Equal(["confirmed", "requested"], await StatusesOf(renter, paid, request), StringComparer.Ordinal);

        var again = await Noted(renter, asked, Day(30));
        await app.Later(TimeSpan.FromDays(4));
        var more = await Noted(renter, asked, Day(30));
        var export = (await (await owner.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data");
        Assert.Empty(export.GetProperty("bookings").EnumerateArray());
        Assert.Equal((paid.Id(), 17_500), (export.GetProperty("earnings")[0].GetProperty("earning").GetProperty("bookingId").GetGuid(), export.GetProperty("earnings")[0].GetProperty("earning").Amount("amount")));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        Assert.Equal(["completed", "expired", "expired", "declined"], await StatusesOf(renter, paid, request, again, more), StringComparer.Ordinal);
        // What was earned is still owed, and is paid to nobody by name.
        var admin = await app.Admin();
        var batch = await (await admin.Client.Post("/api/v1/payout-batches", new { })).Body(HttpStatusCode.Created);
        var payout = batch.GetProperty("payouts").EnumerateArray().Single(one => one.GetProperty("ownerId").GetGuid() == owner.Id);
        Assert.Equal((17_500, JsonValueKind.Null), (payout.Amount("amount"), payout.GetProperty("ownerName").ValueKind));
    }

    private static async Task<JsonElement> Noted(Party renter, Listing listing, DateOnly day) => await (await renter.Client.Post(Rentals.Bookings, new
    {
        listingId = listing.Id,
        startDate = day,
        endDate = day,
        notes = "Chego tarde",
        metadata = new { carro = "placa" },
    })).Body(HttpStatusCode.Created);

    private static async Task<string[]> StatusesOf(Party who, params JsonElement[] bookings) =>
        await Task.WhenAll(bookings.Select(async booking => (await who.Client.Booking(booking.Id())).Text("status")));
}
