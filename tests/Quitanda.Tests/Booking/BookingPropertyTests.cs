using System.Globalization;
using System.Net;
using System.Text.Json;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>Random bookings, blocks, payments, cancellations and other times: nothing ever overlaps, nothing is more than there is, and every cent can be explained.</summary>
public sealed class BookingPropertyTests(BusyRentalsApp app) : IClassFixture<BusyRentalsApp>
{
    private const int Clients = 4;

    [Fact]
    public async Task Whatever_happens_nothing_overlaps_and_the_money_adds_up()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("QUITANDA_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20261122;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var owner = await app.Owner();
        var addOn = Guid.CreateVersion7();
        Listing[] listings =
        [
            await app.Listing(owner.Id, terms: Priced), await app.Listing(owner.Id, units: 3, terms: terms => Priced(terms) with { Buffer = new(1, 0) }),
            await app.Listing(owner.Id, units: 40, terms: terms => Priced(terms) with { AddOns = [new("Toalha", new(101, "BRL"), Stock: 30, Id: addOn)] }),
            await app.Listing(owner.Id, RentalUnit.Hour, units: 2, terms: terms => Priced(terms) with { Buffer = new(15, 30) }), await app.Listing(owner.Id, units: 2, instant: false, terms: Priced),
        ];
        var renters = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => app.Renter()));
        var steps = Size.Of(normal: 400, full: 10_000);
        for (var done = 0; done < steps; done += Clients * 10)
        {
            await Task.WhenAll(renters.Select((renter, at) => Walk(new(seed + done + at), 10, renter, owner, listings, addOn)));
            await app.Later(TimeSpan.FromMinutes(new Random(seed + done).Next(3) switch { 0 => 1, 1 => 40, _ => 1500 }));
            await Holds(listings);
        }

        await Ends(renters[0], owner, await app.Listing(owner.Id, units: 3, terms: Priced));
        await app.RunJobs();
        await Adds(owner);
    }

    /// <summary>One booking for each way to end, so that the books of a short walk hold them all too: one is called off, one never paid, one over.</summary>
    private async Task Ends(Party renter, Party owner, Listing listing)
    {
        var start = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(2);
        async Task<JsonElement> Booked() => await (await renter.Client.Post(Rentals.Bookings, new { listingId = listing.Id, startDate = start, endDate = start, quantity = 1 })).Body(HttpStatusCode.Created);
        await (await renter.Client.Post($"{Rentals.Bookings}/{(await Booked()).Id()}/cancel")).Body();
        await Booked();
        var stay = await Booked();
        await (await Pay(renter, stay)).Body();
        if ((await (await renter.Client.Get($"{Rentals.Bookings}/{stay.Id()}")).Body()).Text("status") == "paid")
            await (await owner.Client.Post($"{Rentals.Bookings}/{stay.Id()}/confirm")).Body();
        await app.Later(TimeSpan.FromDays(4));
    }

    private static ListingTerms Priced(ListingTerms terms) => terms with
    {
        Pricing = terms.Pricing with { Price = new(3_333, "BRL"), WeekendPrice = new(4_567, "BRL"), LengthPrices = [new(3, 7)] },
        CleaningFee = new(1_111, "BRL"),
        Deposit = new(2_000, "BRL"),
        CancellationPolicy = [new(24, 33), new(96, 100)],
    };

    private async Task Walk(Random random, int steps, Party renter, Party owner, Listing[] listings, Guid addOn)
    {
        for (var step = 0; step < steps; step++)
        {
            var listing = listings[random.Next(listings.Length)];
            var mine = (await (await renter.Client.Get($"{Rentals.Bookings}/mine?limit=10")).Body()).GetProperty("data").EnumerateArray().ToList();
            var one = mine.Count == 0 ? (JsonElement?)null : mine[random.Next(mine.Count)];
            var answer = (random.Next(12), one) switch
            {
                ( < 4, _) or (_, null) => await renter.Client.Post(Rentals.Bookings, Wish(random, listing, addOn)),
                (4 or 5 or 6, { } booking) when booking.Text("status") == "pending" => await Pay(renter, booking),
                (4 or 5 or 6, { } booking) => await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/confirm"),
                (7, { } booking) => await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel"),
                (8, { } booking) => await (random.Next(2) == 0 ? owner : renter).Client.Post($"{Rentals.Bookings}/{booking.Id()}/{(random.Next(4) == 0 ? "cancel" : "decline")}"),
                (9 or 10, { } booking) => await Move(random, random.Next(3) == 0 ? owner : renter, renter, mine.FirstOrDefault(other => other.Text("status") == "confirmed", booking)),
                (_, { } booking) => await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/claim", new { amount = new { amount = random.Next(2_100), currency = "BRL" }, reason = "Quebrou." }),
            };
            Assert.True((int)answer.StatusCode is 200 or 201 or 403 or 404 or 409, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private object Wish(Random random, Listing listing, Guid addOn)
    {
        var start = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(random.Next(1, 12));
        var quantity = random.Next(4) == 0 ? random.Next(1, listing.Units + 1) : random.Next(1, (listing.Units / 4) + 2);
        if (listing.Unit == RentalUnit.Day)
            return new { listingId = listing.Id, startDate = start, endDate = start.AddDays(random.Next(4)), quantity, addOns = listing.Terms.AddOns.Count > 0 && random.Next(2) == 0 ? new[] { new { id = addOn, quantity = random.Next(1, 15) } } : null };
        var from = new DateTimeOffset(start, new(12, 0), TimeSpan.Zero).AddMinutes(15 * random.Next(40));
        return new { listingId = listing.Id, startAt = from, endAt = from.AddMinutes(15 * random.Next(1, 30)), quantity };
    }

    private static async Task<HttpResponseMessage> Pay(Party renter, JsonElement booking) => await Paid(renter, await renter.Client.Post("/api/v1/payments", new { bookingId = booking.Id(), provider = "sandbox", method = "card" }));

    private static async Task<HttpResponseMessage> Paid(Party renter, HttpResponseMessage created) =>
        created.StatusCode == HttpStatusCode.Created ? await renter.Client.Post($"/api/v1/sandbox/payments/{(await created.Body(HttpStatusCode.Created)).Id()}/succeed") : created;

    private async Task<HttpResponseMessage> Move(Random random, Party by, Party renter, JsonElement booking)
    {
        var start = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(random.Next(1, 12));
        var from = new DateTimeOffset(start, new(12, 0), TimeSpan.Zero).AddMinutes(15 * random.Next(40));
        var moved = await by.Client.Post($"{Rentals.Bookings}/{booking.Id()}/reschedule", booking.Text("unit") == "day"
            ? new { startDate = start, endDate = start.AddDays(random.Next(4)) }
            : new { startAt = from, endAt = from.AddMinutes(15 * random.Next(1, 30)) });
        if (moved.StatusCode != HttpStatusCode.OK || random.Next(4) == 0)
            return moved;
        var change = (await moved.Body()).GetProperty("change");
        return change.ValueKind == JsonValueKind.Null ? moved : await Paid(renter, await renter.Client.Post("/api/v1/payments", new { bookingChangeId = change.Id(), provider = "sandbox", method = "card" }));
    }

    /// <summary>What is held is what the bookings say, and no more than there is at any moment. The constraints say the same; this says it without them.</summary>
    private async Task Holds(Listing[] listings)
    {
        foreach (var listing in listings)
        {
            var holding = await app.WithDb(db => db.Read(
                $"""
                select held_from, held_until, quantity, id, units from booking.bookings b where listing_id = {listing.Id} and status in ('pending', 'paid', 'confirmed', 'completed')
                union all select c.held_from, c.held_until, b.quantity, b.id, c.units from booking.booking_changes c join booking.bookings b on b.id = c.booking_id where b.listing_id = {listing.Id} and c.status = 'pending'
                """,
                row => (Held: new Period(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1)), Quantity: row.GetInt32(2), Id: row.GetGuid(3), Units: row.IsDBNull(4) ? [] : row.GetFieldValue<int[]>(4)),
                CancellationToken.None));
            foreach (var moment in holding.Select(one => one.Held.From).Distinct())
            {
                var now = holding.Where(one => one.Held.From <= moment && moment < one.Held.Until).ToList();
                // A booking and another time for it count once where both are, unless they are in different units.
                var taken = listing.IsPooled ? now.DistinctBy(one => one.Id).Sum(one => one.Quantity) : now.SelectMany(one => one.Units, (one, unit) => (one.Id, unit)).Distinct().Count();
                Assert.InRange(taken, 1, listing.Units);
                Assert.All(now, one => Assert.True(listing.IsPooled || one.Units.Length == one.Quantity));
                var kept = listing.IsPooled
                    ? await app.Scalar<long>($"select coalesce(sum(taken), 0)::bigint from booking.counts where resource_id = {listing.Id} and at = {moment}")
                    : await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id} and during @> {moment}");
                Assert.Equal(taken, kept);
            }

            if (holding.Count == 0)
                Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {listing.Id}"));
        }

        // Nothing that is over holds anything.
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.taken t join booking.bookings b on b.id = t.booking_id where b.status not in ('pending', 'paid', 'confirmed', 'completed')"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.counts where taken = 0"));
    }

    private async Task Adds(Party owner)
    {
        // What came in and went back, by the payments themselves and by the bookings.
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from payments.refunds where status <> 'succeeded'"));
        Assert.Equal(0, await app.Scalar<long>($"""
            select count(*) from booking.bookings b
            cross join lateral (
                select coalesce(sum(p.amount), 0) as collected, coalesce(sum(p.refunded_amount), 0) as refunded from payments.payments p
                where not p.is_surplus and p.status in ('succeeded', 'partially_refunded', 'refunded')
                    and (p.payable_id = b.id or p.payable_id in (select id from booking.booking_changes c where c.booking_id = b.id))
            ) money
            where money.collected <> b.collected or money.refunded <> b.refunded or b.refund_asked <> b.refunded
            """));
        // Each line of a price is explained by its rule, and the lines sum to the total.
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.bookings where total <> (select sum((line ->> 'amount')::bigint) from jsonb_array_elements(lines) line)"));
        // Once it is over, every cent has gone to its renter, its owner or the house.
        Assert.Equal(0, await app.Scalar<long>($"""
            select count(*) from booking.bookings
            where status in ('cancelled', 'declined', 'expired') and collected - refunded <> owner_earned + house_earned
                or status = 'completed' and collected - refunded <> owner_earned + house_earned + case when deposit_back_at is null then least(deposit, collected - refunded) else 0 end
                or status not in ('cancelled', 'declined', 'expired', 'completed') and owner_earned + house_earned <> 0
            """));
        // The house keeps its share of all but what was claimed for a damage, rounded once.
        Assert.Equal(0, await app.Scalar<long>($"""
            select count(*) from booking.bookings
            where house_earned <> round((owner_earned + house_earned - case when deposit_back_at is null then 0 else least(claimed, owner_earned + house_earned) end) * commission / 10000.0)
            """));
        // And the books say the same.
        Assert.Equal(-await app.Scalar<long>($"select coalesce(sum(owner_earned), 0)::bigint from booking.bookings"), await app.Stands("owner_payable", owner.Id));
        Assert.Equal(-await app.Scalar<long>($"select coalesce(sum(house_earned), 0)::bigint from booking.bookings"), await app.Stands("platform_commission"));
        Assert.Equal(-await app.Scalar<long>($"select coalesce(sum(collected - refunded - owner_earned - house_earned), 0)::bigint from booking.bookings"), await app.Stands("held"));
        Assert.Equal(await app.Scalar<long>($"select coalesce(sum(owner_earned), 0)::bigint from booking.bookings"), await app.Scalar<long>($"select coalesce(sum(amount), 0)::bigint from booking.earnings"));
        Assert.Empty(await app.Differences());
        // The books held every end, or they proved nothing.
        foreach (var status in (string[])["cancelled", "expired", "completed", .. Size.IsFull ? ["declined"] : Array.Empty<string>()])
            Assert.NotEqual(0, await app.Scalar<long>($"select count(*) from booking.bookings where status = {status}"));
        Assert.True(!Size.IsFull || await app.Scalar<long>($"select count(*) from booking.booking_changes where status = 'done'") > 0);
    }
}
