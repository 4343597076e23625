using System.Net;
using System.Text.Json;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>What renter and owner are written, and when.</summary>
public sealed class BookingLetterTests(LetteredRentalsApp app) : IClassFixture<LetteredRentalsApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    private Task<int> Speaks(Party party, string name, string locale) => app.WithDb(db => db.Execute($"update accounts.users set name = {name}, locale = {locale} where id = {party.Id}", CancellationToken.None));

    [Fact]
    public async Task A_request_is_told_to_its_owner_its_acceptance_to_its_renter_and_its_end_to_both()
    {
        var (owner, renter, other) = (await app.Owner(), await app.Renter(), await app.Renter());
        await Speaks(owner, "Bia", "pt-BR");
        await Speaks(renter, "Ann", "en-US");
        var listing = await app.Listing(owner.Id, instant: false);
        var mine = await renter.Client.Booked(listing, Day(10), Day(11));
        await other.Client.Booked(listing, Day(11), Day(11));
        Assert.Equal(["booking-requested", "booking-requested"], await app.KindsTo(owner), StringComparer.Ordinal);
        Assert.Contains("Olá, Bia. Alguém pediu uma reserva de Salão azul.", (await app.LettersTo(owner))[0].Text("text"), StringComparison.Ordinal);

        await (await owner.Client.Post($"{Rentals.Bookings}/{mine.Id()}/confirm", new { reason = "Bring towels" })).Body();
        var accepted = Assert.Single(await app.LettersTo(renter));
        Assert.Equal($"Booking {mine.Text("code")} accepted: to be paid", accepted.Text("subject"));
        Assert.Contains("Note: Bring towels", accepted.Text("text"), StringComparison.Ordinal);
        Assert.Equal(["booking-declined"], await app.KindsTo(other), StringComparer.Ordinal);
        Assert.Contains("Outra pessoa ficou com esse horário.", (await app.LettersTo(other))[0].Text("text"), StringComparison.Ordinal);

        await renter.Client.Pay(new { bookingId = mine.Id(), provider = "sandbox", method = "card" });
        Assert.Equal(["booking-accepted", "booking-confirmed"], await app.KindsTo(renter), StringComparer.Ordinal);
        Assert.Contains("Address: Rua do Sol, 7", (await app.LettersTo(renter))[1].Text("text"), StringComparison.Ordinal);
        Assert.Equal("booking-confirmed", (await app.KindsTo(owner))[^1]);

        await (await renter.Client.Post($"{Rentals.Bookings}/{mine.Id()}/cancel", new { reason = "Rain" })).Body();
        var told = (await app.LettersTo(renter))[^1];
        foreach (var piece in (string[])["Reason: Rain", "R$100.00 in all goes back"])
            Assert.Contains(piece, told.Text("text").Replace("\u00A0", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("booking-cancelled", (await app.KindsTo(owner))[^1]);
        // Told of again, nothing is said twice.
        await app.Later(TimeSpan.FromMinutes(1));
        Assert.Equal(["booking-accepted", "booking-confirmed", "booking-cancelled"], await app.KindsTo(renter), StringComparer.Ordinal);
        Assert.Equal(["booking-requested", "booking-requested", "booking-confirmed", "booking-cancelled"], await app.KindsTo(owner), StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_is_only_held_is_told_to_nobody_until_it_is_paid_or_expires()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var (left, lost) = (await renter.Client.Booked(listing, Day(20), Day(20)), await renter.Client.Booked(listing, Day(21), Day(21)));
        Assert.Empty(await app.LettersTo(renter));
        await (await renter.Client.Post($"{Rentals.Bookings}/{left.Id()}/cancel")).Body();
        var late = (await (await renter.Client.Post("/api/v1/payments", new { bookingId = lost.Id(), provider = "sandbox", method = "card" })).Body(HttpStatusCode.Created)).Id();
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        // Somebody else has its time before it was noticed that it expired, and the money that still comes goes back.
        await (await app.Renter()).Client.Booked(listing, Day(21), Day(21));
        await renter.Client.Post($"/api/v1/sandbox/payments/{late}/succeed");
        Assert.Equal(["booking-cancelled", "booking-expired", "payment-returned"], (await app.KindsTo(renter)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Empty(await app.LettersTo(owner));
    }

    [Fact]
    public async Task Another_time_a_claim_and_a_deposit_that_goes_back_are_told_once()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        await Speaks(renter, "Ana", "pt-BR");
        var listing = await app.Listing(owner.Id, RentalUnit.Hour, zone: "America/Manaus", terms: terms => terms with { Deposit = new(5_000, "BRL") });
        var at = new DateTimeOffset(app.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(5).AddHours(18);
        var booking = await (await renter.Client.Book(listing, at, at.AddHours(2))).Body(HttpStatusCode.Created);
        await renter.Client.Pay(new { bookingId = booking.Id(), provider = "sandbox", method = "card" });
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/reschedule", new { startAt = at.AddHours(1), endAt = at.AddHours(3) })).Body();
        Assert.Equal(["booking-confirmed", "booking-moved"], (await app.KindsTo(renter)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        // On the listing's own clock.
        var moved = Assert.Single(await app.LettersTo(renter), letter => letter.Text("template")!.EndsWith("booking-moved", StringComparison.Ordinal)).Text("text");
        Assert.Contains(", 15:00", moved, StringComparison.Ordinal);
        Assert.Contains(", 17:00", moved, StringComparison.Ordinal);

        await app.Later(TimeSpan.FromDays(6));
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = 1_200, currency = "BRL" }, reason = "Um copo." })).Body();
        await app.Later(TimeSpan.FromDays(3));
        await app.Later(TimeSpan.FromDays(1));
        Assert.Equal(["booking-confirmed", "booking-moved", "deposit-claimed", "deposit-returned"], (await app.KindsTo(renter)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var letters = await app.LettersTo(renter);
        foreach (var (letter, piece) in ((JsonElement, string)[])[(letters[2], "R$12,00"), (letters[2], "Motivo: Um copo."), (letters[3], "R$38,00")])
            Assert.Contains(piece, letter.Text("text").Replace("\u00A0", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
