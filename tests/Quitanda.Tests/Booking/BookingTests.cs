using System.Globalization;
using System.Net;
using System.Text.Json;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>The life of a booking, from its quote to the owner's money.</summary>
public sealed class BookingTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    /// <summary>The next Monday that is so many days ahead at the least.</summary>
    private DateOnly Monday(int ahead)
    {
        var day = Day(ahead);
        while (day.DayOfWeek != DayOfWeek.Monday)
            day = day.AddDays(1);
        return day;
    }

    [Fact]
    public async Task A_quote_names_every_line_and_a_booking_comes_to_the_same()
    {
        var (owner, renter, first) = (await app.Owner(), await app.Renter(), Monday(10));
        var chairs = Guid.CreateVersion7();
        var listing = await app.Listing(owner.Id, terms: terms => terms with
        {
            Pricing = terms.Pricing with { WeekendPrice = new(15_000, "BRL"), Seasons = [new("Festas", first.AddDays(1), first.AddDays(2), new(20_001, "BRL"))], LengthPrices = [new(7, 10), new(30, 20)] },
            AddOns = [new("Cadeira", new(250, "BRL"), Stock: 40, Id: chairs)],
            CleaningFee = new(5_000, "BRL"),
            Deposit = new(30_000, "BRL"),
        });
        var wanted = new { listingId = listing.Id, startDate = first, endDate = first.AddDays(6), addOns = new[] { new { id = chairs, quantity = 40 } } };

        var quote = await (await app.Guest.Post($"{Rentals.Bookings}/quote", wanted)).Body();
        // Monday, two days of a season, two plain days, the weekend; a tenth off all of them.
        Assert.Equal(["base 1 10000", "season Festas 2 40002", "base 2 20000", "weekend 2 30000", "length 10 -10000", "add_on Cadeira 40 10000", "cleaning_fee 1 5000", "deposit 1 30000"], quote.Lines(), StringComparer.Ordinal);
        Assert.Equal((135_002, 30_000, true), (quote.Amount("totalAmount"), quote.Amount("deposit"), quote.GetProperty("isPossible").GetBoolean()));

        var booking = await (await renter.Client.Post(Rentals.Bookings, wanted)).Body(HttpStatusCode.Created);
        Assert.Equal(quote.Lines(), booking.Lines(), StringComparer.Ordinal);
        Assert.Equal((135_002, "pending"), (booking.Amount("totalAmount"), booking.Text("status")));
        Assert.Equal(app.Clock.GetUtcNow().AddMinutes(30), booking.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, booking.GetProperty("address").ValueKind);

        // All chairs are out, in that time only.
        var other = await app.Listing(owner.Id);
        Assert.NotEqual(other.Id, listing.Id);
        var again = await (await app.Guest.Post($"{Rentals.Bookings}/quote", wanted)).Body();
        Assert.Equal(["slot_taken"], again.GetProperty("refusals").EnumerateArray().Select(refusal => refusal.Text("code")), StringComparer.Ordinal);
        Assert.False(again.GetProperty("isPossible").GetBoolean());
    }

    [Fact]
    public async Task An_instant_booking_is_held_paid_confirmed_completed_and_earned()
    {
        var (owner, renter, stranger) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id, terms: terms => terms with { Deposit = new(5_000, "BRL") });
        var booking = await app.Confirmed(renter.Client, listing, Day(3), Day(4));

        Assert.Equal(["pending renter", "paid system", "confirmed system"], booking.Story(), StringComparer.Ordinal);
        Assert.Equal(("confirmed", "paid", "Rua do Sol, 7"), (booking.Text("status"), booking.Text("paymentStatus"), booking.Text("address")));
        await (await stranger.Client.Get($"{Rentals.Bookings}/{booking.Id()}")).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("confirmed", (await owner.Client.Booking(booking.Id())).Text("status"));
        Assert.Contains(booking.Id(), (await (await owner.Client.Get($"{Rentals.Bookings}/owner")).Body()).GetProperty("data").EnumerateArray().Select(row => row.Id()));
        Assert.Contains(booking.Id(), (await (await renter.Client.Get($"{Rentals.Bookings}/mine?status=confirmed")).Body()).GetProperty("data").EnumerateArray().Select(row => row.Id()));
        Assert.Equal(0, await app.Stands("owner_payable", owner.Id));

        await app.Later(TimeSpan.FromDays(6));
        var done = await owner.Client.Booking(booking.Id());
        Assert.Equal("completed", done.Text("status"));
        // 200.00 less 12.5 %; the deposit is nobody's yet.
        Assert.Equal(-17_500, await app.Stands("owner_payable", owner.Id));
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = 1, currency = "BRL" }, reason = "x" })).Refusal(HttpStatusCode.Forbidden);
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = 5_001, currency = "BRL" }, reason = "x" })).Refusal(HttpStatusCode.Conflict);
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = 1_200, currency = "BRL" }, reason = "Um copo quebrado." })).Body();

        await app.Later(TimeSpan.FromDays(3));
        var returned = await renter.Client.Booking(booking.Id());
        Assert.Equal((3_800, 1_200, "partially_refunded"), (returned.Amount("refundedAmount"), returned.Amount("claimedAmount"), returned.Text("paymentStatus")));
        Assert.Equal(-18_700, await app.Stands("owner_payable", owner.Id));
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = 1, currency = "BRL" }, reason = "x" })).Refusal(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_hold_that_nobody_pays_lapses_and_a_late_payment_takes_it_again_or_goes_back()
    {
        var (owner, renter, other) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var (kept, lost) = (await renter.Client.Booked(listing, Day(20), Day(21)), await renter.Client.Booked(listing, Day(30), Day(31)));
        var (payKept, payLost) = (await Pending(renter, kept), await Pending(renter, lost));
        await (await other.Client.Book(listing, Day(21), Day(22))).Refusal(HttpStatusCode.Conflict);

        app.Clock.Advance(TimeSpan.FromMinutes(31));
        // Nobody has swept yet, and what has lapsed is in nobody's way.
        await other.Client.Booked(listing, Day(31), Day(32));
        Assert.Equal(["pending renter", "expired system unpaid"], (await renter.Client.Booking(kept.Id())).Story(), StringComparer.Ordinal);

        // They had paid when the provider was not told yet that it is too late.
        foreach (var payment in (Guid[])[payKept, payLost])
            await renter.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed");
        await app.RunJobs();
        Assert.Equal("confirmed", (await renter.Client.Booking(kept.Id())).Text("status"));
        Assert.Equal("expired", (await renter.Client.Booking(lost.Id())).Text("status"));
        Assert.Equal("refunded", (await (await renter.Client.Get($"/api/v1/payments/{payLost}")).Body()).Text("status"));
    }

    [Fact]
    public async Task Late_money_is_in_time_where_only_a_hold_that_lapsed_as_well_is_in_its_way()
    {
        var (owner, renter, other) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var late = await renter.Client.Booked(listing, Day(20), Day(21));
        var payment = await Pending(renter, late);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        var dead = await other.Client.Booked(listing, Day(21), Day(22));
        Assert.Equal("expired", (await renter.Client.Booking(late.Id())).Text("status"));
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        // Nobody has swept the second one yet.
        Assert.Equal("pending", await app.Scalar<string>($"select status from booking.bookings where id = {dead.Id()}"));

        await (await renter.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await app.RunJobs();
        Assert.Equal(("confirmed", "expired"), ((await renter.Client.Booking(late.Id())).Text("status"), (await other.Client.Booking(dead.Id())).Text("status")));
    }

    private static async Task<Guid> Pending(Party renter, JsonElement booking) =>
        (await (await renter.Client.Post("/api/v1/payments", new { bookingId = booking.Id(), provider = "sandbox", method = "card" })).Body(HttpStatusCode.Created)).Id();

    [Fact]
    public async Task A_request_holds_nothing_until_its_owner_takes_it_and_the_others_are_declined()
    {
        var owner = await app.Owner();
        var renters = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.Renter()));
        var listing = await app.Listing(owner.Id, instant: false);
        var asked = await Task.WhenAll(renters.Select((renter, at) => renter.Client.Booked(listing, Day(10 + at), Day(11 + at))));
        Assert.All(asked, booking => Assert.Equal("requested", booking.Text("status")));
        await (await renters[0].Client.Post("/api/v1/payments", new { bookingId = asked[0].Id(), provider = "sandbox" })).Refusal(HttpStatusCode.Conflict);
        await (await renters[0].Client.Post($"{Rentals.Bookings}/{asked[0].Id()}/confirm")).Refusal(HttpStatusCode.Forbidden);

        var accepted = await (await owner.Client.Post($"{Rentals.Bookings}/{asked[1].Id()}/confirm")).Body();
        Assert.Equal("pending", accepted.Text("status"));
        Assert.Equal(app.Clock.GetUtcNow().AddMinutes(30), accepted.GetProperty("expiresAt").GetDateTimeOffset());
        string[] now = [.. await Task.WhenAll(asked.Select(async booking => (await owner.Client.Booking(booking.Id())).Text("status")))];
        Assert.Equal(["declined", "pending", "declined", "requested"], now, StringComparer.Ordinal);

        await (await owner.Client.Post($"{Rentals.Bookings}/{asked[3].Id()}/decline", new { reason = "Reforma." })).Body();
        await renters[1].Client.Pay(new { bookingId = asked[1].Id(), provider = "sandbox", method = "card" });
        Assert.Equal("confirmed", (await owner.Client.Booking(asked[1].Id())).Text("status"));

        // What nobody answers ends after a day.
        var late = await renters[2].Client.Booked(listing, Day(40), Day(41));
        await app.Later(TimeSpan.FromHours(25));
        Assert.Equal(["requested renter", "expired system unanswered"], (await owner.Client.Booking(late.Id())).Story(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Cancelling_gives_back_what_the_policy_says_and_an_owner_who_cancels_all()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id, terms: terms => terms with { Deposit = new(1_000, "BRL"), CancellationPolicy = [new(24, 33), new(240, 100)] });
        var bookings = new List<JsonElement>();
        foreach (var day in (int[])[20, 5, 2, 8])
            bookings.Add(await app.Confirmed(renter.Client, listing, Day(day), Day(day)));
        app.Clock.Advance(TimeSpan.FromDays(1.2));

        foreach (var booking in bookings[..3])
            await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel", new { reason = "Choveu." })).Body();
        await (await owner.Client.Post($"{Rentals.Bookings}/{bookings[3].Id()}/cancel")).Body();
        await app.RunJobs();
        var back = new List<long>();
        foreach (var booking in bookings)
            back.Add((await renter.Client.Booking(booking.Id())).Amount("refundedAmount"));
        Assert.Equal([11_000, 4_300, 1_000, 11_000], back);
        // 67 and 100 of two bookings of 100.00 are kept, less 12.5 %.
        Assert.Equal(-(6_700 + 10_000) + 838 + 1_250, await app.Stands("owner_payable", owner.Id));
        await (await renter.Client.Post($"{Rentals.Bookings}/{bookings[0].Id()}/cancel")).Refusal(HttpStatusCode.Conflict);
        // The day is free again.
        await renter.Client.Booked(listing, Day(19), Day(19));
    }

    [Fact]
    public async Task Another_time_is_paid_given_back_or_left()
    {
        var (owner, renter, other) = (await app.Owner(), await app.Renter(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var booking = await app.Confirmed(renter.Client, listing, Day(50), Day(51));
        var path = $"{Rentals.Bookings}/{booking.Id()}/reschedule";

        // A day more: held beside the old one, and nobody else gets either.
        var waits = await (await renter.Client.Post(path, new { startDate = Day(51), endDate = Day(53) })).Body();
        Assert.Equal((10_000, 30_000), (waits.GetProperty("change").Amount("difference"), waits.GetProperty("change").Amount("totalAmount")));
        foreach (var day in (int[])[50, 53])
            await (await other.Client.Book(listing, Day(day), Day(day))).Refusal(HttpStatusCode.Conflict);
        await (await renter.Client.Post(path, new { startDate = Day(60), endDate = Day(60) })).Refusal(HttpStatusCode.Conflict);
        await renter.Client.Pay(new { bookingChangeId = waits.GetProperty("change").Id(), provider = "sandbox", method = "card" });
        var moved = await renter.Client.Booking(booking.Id());
        Assert.Equal((Day(51).ToString("O", CultureInfo.InvariantCulture), Day(53).ToString("O", CultureInfo.InvariantCulture), 30_000), (moved.Text("startDate"), moved.Text("endDate"), moved.Amount("totalAmount")));
        await other.Client.Booked(listing, Day(50), Day(50));

        // Two days less: half of it back.
        var shorter = await (await renter.Client.Post(path, new { startDate = Day(52), endDate = Day(52) })).Body();
        await app.RunJobs();
        Assert.Equal(10_000, (await renter.Client.Booking(booking.Id())).Amount("refundedAmount"));
        Assert.Equal(10_000, shorter.Amount("totalAmount"));

        // One that is not paid comes to nothing.
        await (await renter.Client.Post(path, new { startDate = Day(55), endDate = Day(58) })).Body();
        await app.Later(TimeSpan.FromMinutes(31));
        var left = await renter.Client.Booking(booking.Id());
        Assert.Equal((JsonValueKind.Null, Day(52).ToString("O", CultureInfo.InvariantCulture)), (left.GetProperty("change").ValueKind, left.Text("startDate")));
        await other.Client.Booked(listing, Day(55), Day(58));

        // Far away is no way round the policy: it counts from where it was.
        await (await renter.Client.Post(path, new { startDate = Day(90), endDate = Day(90) })).Body();
        app.Clock.Advance(TimeSpan.FromDays(50));
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")).Body();
        await app.RunJobs();
        var cancelled = await renter.Client.Booking(booking.Id());
        Assert.Equal(("cancelled", 10_000), (cancelled.Text("status"), cancelled.Amount("refundedAmount")));
        Assert.Equal(-20_000 + 2_500, await app.Stands("owner_payable", owner.Id));
    }

    [Fact]
    public async Task Every_rule_of_a_listing_is_named_when_it_refuses()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var monday = Monday(14);
        var listing = await app.Listing(owner.Id, units: 2, terms: terms => terms with
        {
            Pricing = terms.Pricing with { Minimum = 2, Maximum = 5 },
            NoticeHours = 72,
            HorizonDays = 60,
            StartDays = [DayOfWeek.Monday],
        });
        await Refused("too_soon", new { startDate = Day(1), endDate = Day(2) });
        await Refused("too_far_ahead", new { startDate = Monday(61), endDate = Monday(61).AddDays(1) });
        await Refused("too_short", new { startDate = monday, endDate = monday });
        await Refused("too_long", new { startDate = monday, endDate = monday.AddDays(5) });
        await Refused("start_day_not_offered", new { startDate = monday.AddDays(1), endDate = monday.AddDays(2) });
        await Refused("not_enough_units", new { startDate = monday, endDate = monday.AddDays(1), quantity = 3 });
        await Refused("too_many_guests", new { startDate = monday, endDate = monday.AddDays(1), guests = 101 });
        await Refused("unknown_add_on", new { startDate = monday, endDate = monday.AddDays(1), addOns = new[] { new { id = Guid.CreateVersion7() } } });
        await (await renter.Client.Post(Rentals.Bookings, new { listingId = Guid.CreateVersion7(), startDate = monday, endDate = monday })).Refusal(HttpStatusCode.Conflict);
        await (await owner.Client.Book(listing, monday, monday.AddDays(1))).Refusal(HttpStatusCode.Conflict);
        foreach (var wrong in (object[])[
            new { listingId = listing.Id }, new { listingId = listing.Id, startDate = monday }, new { listingId = listing.Id, startDate = monday, endDate = monday.AddDays(-1) },
            new { listingId = listing.Id, startAt = app.Clock.GetUtcNow(), endAt = app.Clock.GetUtcNow() }, new { listingId = listing.Id, startDate = "9999-12-31", endDate = "9999-12-31" }])
            await (await renter.Client.Post(Rentals.Bookings, wrong)).Refusal(HttpStatusCode.BadRequest);

        // Both units: the third finds none, and is told when there is one.
        await renter.Client.Booked(listing, monday, monday.AddDays(1), quantity: 2);
        var refusal = await (await renter.Client.Book(listing, monday, monday.AddDays(1))).Body(HttpStatusCode.Conflict);
        Assert.Equal("slot_taken", refusal.Text("code"));
        var nearest = refusal.GetProperty("nearest").EnumerateArray().Select(free => DateOnly.Parse(free.Text("startDate"), CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal([monday.AddDays(-7), monday.AddDays(7), monday.AddDays(14)], nearest);

        async Task Refused(string code, object wanted)
        {
            var body = JsonSerializer.SerializeToNode(wanted)!.AsObject();
            body["listingId"] = listing.Id;
            Assert.Equal(code, (await (await renter.Client.Post(Rentals.Bookings, body)).Body(HttpStatusCode.Conflict)).Text("code"));
            Assert.Contains(code, (await (await renter.Client.Post($"{Rentals.Bookings}/quote", body)).Body()).GetProperty("refusals").EnumerateArray().Select(one => one.Text("code")), StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task Hours_have_buffers_that_nobody_else_may_touch_and_many_units_are_counted()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var hall = await app.Listing(owner.Id, RentalUnit.Hour, terms: terms => terms with { Buffer = new(15, 30) });
        var at = new DateTimeOffset(app.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(5).AddHours(12);
        var booking = await (await renter.Client.Book(hall, at, at.AddHours(2.25))).Body(HttpStatusCode.Created);
        Assert.Equal(22_500, booking.Amount("totalAmount"));
        // After it, half an hour to clean and a quarter to get ready.
        foreach (var from in (double[])[2.25, 2.5, 2.75])
            await (await renter.Client.Book(hall, at.AddHours(from), at.AddHours(from + 1))).Refusal(HttpStatusCode.Conflict);
        await (await renter.Client.Book(hall, at.AddHours(3), at.AddHours(4))).Body(HttpStatusCode.Created);
        await (await renter.Client.Book(hall, at.AddMinutes(7), at.AddHours(4))).Refusal(HttpStatusCode.BadRequest);

        // Units that are told apart are had one after another, and then none is left.
        var rooms = await app.Listing(owner.Id, units: 3);
        for (var room = 0; room < 3; room++)
            await renter.Client.Booked(rooms, Day(3), Day(4));
        await (await renter.Client.Book(rooms, Day(4), Day(5))).Refusal(HttpStatusCode.Conflict);

        var chairs = await app.Listing(owner.Id, RentalUnit.Day, units: 500);
        await renter.Client.Booked(chairs, Day(3), Day(5), quantity: 300);
        await renter.Client.Booked(chairs, Day(5), Day(6), quantity: 200);
        var refused = await (await renter.Client.Book(chairs, Day(4), Day(4), quantity: 201)).Body(HttpStatusCode.Conflict);
        Assert.Equal("slot_taken", refused.Text("code"));
        await renter.Client.Booked(chairs, Day(4), Day(4), quantity: 200);
        Assert.Equal(500, await app.Scalar<int>($"select max(taken) from booking.counts where resource_id = {chairs.Id}"));
    }
}
