using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>What bookings know of the money is held against the books daily.</summary>
public sealed class BookingBooksTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task What_bookings_earned_and_hold_is_what_the_books_say_and_what_is_not_is_named()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id, terms: terms => terms with { Deposit = new(5_000, "BRL") });
        var first = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime);
        var (over, ahead, cancelled) = (await app.Confirmed(renter.Client, listing, first.AddDays(1), first.AddDays(2)), await app.Confirmed(renter.Client, listing, first.AddDays(20), first.AddDays(20)),
            await app.Confirmed(renter.Client, listing, first.AddDays(3), first.AddDays(3)));
        await (await renter.Client.Post($"{Rentals.Bookings}/{cancelled.Id()}/cancel")).Body();
        await app.Later(TimeSpan.FromDays(4));
        Assert.Equal("completed", (await renter.Client.Booking(over.Id())).Text("status"));
        Assert.NotEqual(0, await app.Stands("held"));
        Assert.Empty(await app.Differences());

        // An earning that nobody wrote into the books, one that is another's, and money that a booking thinks it has.
        await app.Execute($"update booking.bookings set collected = collected + 7 where id = {ahead.Id()}");
        await app.Execute($"update booking.earnings set amount = amount + 3 where booking_id = {over.Id()}");
        var (held, owed) = (await app.Stands("held"), await app.Stands("owner_payable", owner.Id));
        Assert.Equal([$"subledger_differs {held - 7} BRL in held/{held} BRL in held", $"subledger_differs {owed - 3} BRL in owner_payable/{owed} BRL in owner_payable"], await app.Differences(), StringComparer.Ordinal);
    }
}
