using Microsoft.AspNetCore.Builder;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>One letter to each a day before it begins.</summary>
public sealed class ReminderTests(LetteredRentalsApp app) : IClassFixture<LetteredRentalsApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    private async Task<int> Reminders(Party party) => (await app.KindsTo(party)).Count(kind => kind == "booking-soon");

    [Fact]
    public async Task Both_are_reminded_once_and_of_another_time_when_that_comes()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var (stays, moves, off) = (await app.Confirmed(renter.Client, listing, Day(3), Day(3)), await app.Confirmed(renter.Client, listing, Day(5), Day(5)), await app.Confirmed(renter.Client, listing, Day(4), Day(4)));
        await (await renter.Client.Post($"{Rentals.Bookings}/{off.Id()}/cancel")).Body();
        await app.Later(TimeSpan.FromDays(1));
        Assert.Equal((0, 0), (await Reminders(renter), await Reminders(owner)));

        // Away, and back: of the beginning that it has in the end.
        await Move(moves.Id(), 8);
        await Move(moves.Id(), 4);
        await app.Later(TimeSpan.FromDays(1));
        await app.Later(TimeSpan.FromMinutes(5));
        Assert.Equal((1, 1), (await Reminders(renter), await Reminders(owner)));
        Assert.Contains(stays.Text("code"), Assert.Single(await app.LettersTo(renter), letter => letter.Text("template")!.EndsWith("booking-soon", StringComparison.Ordinal)).Text("text"), StringComparison.Ordinal);

        await app.Later(TimeSpan.FromDays(1));
        Assert.Equal((1, 1), (await Reminders(renter), await Reminders(owner)));
        await app.Later(TimeSpan.FromDays(1));
        Assert.Equal((2, 2), (await Reminders(renter), await Reminders(owner)));
        // Reminded already, and then moved: again when that comes.
        await Move(moves.Id(), 5);
        await app.Later(TimeSpan.FromDays(2));
        Assert.Equal(2, await Reminders(renter));
        await app.Later(TimeSpan.FromDays(2));
        Assert.Equal((3, 3), (await Reminders(renter), await Reminders(owner)));

        async Task Move(Guid id, int day) => await (await owner.Client.Post($"{Rentals.Bookings}/{id}/reschedule", new { startDate = Day(day), endDate = Day(day) })).Body();
    }

    [Fact]
    public async Task What_was_booked_later_than_that_is_not_reminded_of()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        await app.Confirmed(renter.Client, await app.Listing(owner.Id), Day(1), Day(1));
        await app.Later(TimeSpan.FromMinutes(6));
        Assert.Equal(0, await Reminders(renter));
    }
}

/// <summary>Where nobody is reminded.</summary>
public sealed class NoReminderTests(NoReminderTests.App app) : IClassFixture<NoReminderTests.App>
{
    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Booking:ReminderHours"] = "0";
    }

    [Fact]
    public async Task Nobody_is_reminded_where_the_setting_says_so()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(3);
        await app.Confirmed(renter.Client, await app.Listing(owner.Id), day, day);
        await app.Later(TimeSpan.FromDays(2));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.reminders"));
    }
}
