using System.Net;
using System.Text.Json;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Baskets;

/// <summary>Goods, rentals and slots taken together: whole or not at all, and paid once.</summary>
public sealed class BasketTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Baskets = "/api/v1/baskets";

    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    private DateTimeOffset Hour(int ahead, int hour) => new(Day(ahead), new(hour, 0), TimeSpan.Zero);

    /// <summary>A shop with five of a product, an owner with a hall by the day and a studio by the hour, and somebody who wants all of it.</summary>
    private async Task<(Party Owner, Party Renter, Guid Product, Listing Hall, Listing Studio)> Scene(int stock = 5, bool instant = true)
    {
        var (owner, renter, admin) = (await app.Owner(), await app.Renter(), await app.Admin());
        var product = (await admin.Client.AddProduct((await admin.Client.AddCategory()).Id(), stock: stock)).Id();
        return (owner, renter, product, await app.Listing(owner.Id, instant: instant, terms: terms => terms with { Deposit = new(2_000, "BRL") }), await app.Listing(owner.Id, RentalUnit.Hour));
    }

    private object Wish(Guid product, Listing hall, Listing studio, int pieces = 2) => new
    {
        goods = new { items = new[] { new { productId = product, quantity = pieces } }, fulfillment = "pickup", tip = new { amount = 50, currency = "BRL" } },
        rentals = new[] { new { listingId = hall.Id, startDate = Day(10), endDate = Day(11) } },
        slots = new[] { new { listingId = studio.Id, startAt = Hour(10, 15), endAt = Hour(10, 17) } },
    };

    /// <summary>What the shop's report of sales has for the days around today, in all.</summary>
    private async Task<(long Sold, long Refunded)> Reported()
    {
        var report = await (await (await app.Admin()).Client.Get($"/api/v1/reports/sales?from={Day(-1):yyyy-MM-dd}&to={Day(1):yyyy-MM-dd}")).Body();
        var totals = report.GetProperty("totals").EnumerateArray().ToList();
        return (totals.Sum(total => total.Amount("total")), totals.Sum(total => total.Amount("refunded")));
    }

    private static async Task<JsonElement> Made(Party renter, object? wish) => await (await renter.Client.Post(Baskets, wish)).Body(HttpStatusCode.Created);

    private static async Task<JsonElement> Held(Party renter, object wish) => await (await renter.Client.Post($"{Baskets}/{(await Made(renter, wish)).Id()}/checkout")).Body();

    private static Guid Part(JsonElement basket, string field, string id) => basket.GetProperty("parts").EnumerateArray().Single(part => part.Text("field") == field).GetProperty(id).GetGuid();

    [Fact]
    public async Task A_basket_is_priced_held_paid_once_and_each_part_is_what_it_is()
    {
        var (owner, renter, product, hall, studio) = await Scene();
        var price = (await renter.Client.Product(product)).Amount("price");
        var basket = await Made(renter, wish: null);
        Assert.Equal(("open", JsonValueKind.Null), (basket.Text("status"), basket.GetProperty("totalAmount").ValueKind));
        await (await renter.Client.Post($"{Baskets}/{basket.Id()}/checkout")).Refusal(HttpStatusCode.Conflict);
        var filled = await (await renter.Client.Put($"{Baskets}/{basket.Id()}/items", Wish(product, hall, studio))).Body();
        var total = 2 * price + 50 + 22_000 + 20_000;
        Assert.Equal(total, filled.Amount("totalAmount"));
        Assert.All(filled.GetProperty("parts").EnumerateArray(), part => Assert.Equal(0, part.GetProperty("refusals").GetArrayLength()));
        await (await (await app.Renter()).Client.Get($"{Baskets}/{basket.Id()}")).Refusal(HttpStatusCode.NotFound);

        var held = await (await renter.Client.Post($"{Baskets}/{basket.Id()}/checkout")).Body();
        Assert.Equal(("held", total), (held.Text("status"), held.Amount("totalAmount")));
        await (await renter.Client.Put($"{Baskets}/{basket.Id()}/items", Wish(product, hall, studio))).Refusal(HttpStatusCode.Conflict);
        var (order, stay) = (Part(held, "goods", "orderId"), Part(held, "rentals[0]", "bookingId"));
        // Nothing of it is paid by itself.
        Assert.Equal("paid_by_basket", await (await renter.Client.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("paid_by_basket", await (await renter.Client.Post("/api/v1/payments", new { bookingId = stay, provider = "sandbox" })).Refusal(HttpStatusCode.Conflict));
        var (sales, before) = (await app.Stands("sales"), await Reported());

        await renter.Client.Pay(new { basketId = basket.Id(), provider = "sandbox", method = "card" });
        await app.RunJobs();
        Assert.Equal(("paid", "paid"), ((await Shown(renter, basket)).Text("status"), (await Shown(renter, basket)).Text("paymentStatus")));
        Assert.Equal(("confirmed", "paid"), await OrderStands(renter, order));
        Assert.Equal(["pending renter", "paid system", "confirmed system"], (await owner.Client.Booking(stay)).Story(), StringComparer.Ordinal);
        Assert.Equal(2 * price, sales - await app.Stands("sales"));

        // A part that is called off gives back its own: the order whole, the booking by its policy and with its deposit.
        await (await renter.Client.Post($"/api/v1/orders/{order}/cancel")).Body();
        await (await renter.Client.Post($"{Rentals.Bookings}/{stay}/cancel")).Body();
        await app.RunJobs();
        var back = await Shown(renter, basket);
        Assert.Equal(2 * price + 50 + 12_000, back.Amount("refundedAmount"));
        Assert.Equal([2 * price + 50, 12_000, 0], back.GetProperty("parts").EnumerateArray().OrderBy(part => part.Text("field"), StringComparer.Ordinal).Select(part => part.Amount("refundedAmount")));
        Assert.Equal(("cancelled", "refunded"), await OrderStands(renter, order));
        Assert.Equal(12_000, (await renter.Client.Booking(stay)).Amount("refundedAmount"));
        // The shop's report has it beside what it sold.
        var (sold, refunded) = await Reported();
        Assert.Equal((2 * price + 50, 2 * price + 50), (sold - before.Sold, refunded - before.Refunded));
        // Half of the hall's price is kept, and the studio is still to come.
        Assert.Equal(-10_000 + 1_250, await app.Stands("owner_payable", owner.Id));
        await app.Later(TimeSpan.FromDays(12));
        Assert.Equal(-30_000 + 3_750, await app.Stands("owner_payable", owner.Id));
    }

    [Fact]
    public async Task What_cannot_be_had_is_named_and_nothing_is_held()
    {
        var (_, renter, product, hall, studio) = await Scene(stock: 1);
        await (await app.Renter()).Client.Booked(hall, Day(11), Day(12));
        var basket = await Made(renter, Wish(product, hall, studio));
        Assert.Equal(["out_of_stock", "slot_taken"], basket.GetProperty("parts").EnumerateArray().SelectMany(part => part.GetProperty("refusals").EnumerateArray()).Select(refusal => refusal.Text("code")), StringComparer.Ordinal);

        var refused = await (await renter.Client.Post($"{Baskets}/{basket.Id()}/checkout")).Body(HttpStatusCode.Conflict);
        Assert.Equal("basket_refused", refused.Text("code"));
        Assert.Equal(["goods out_of_stock", "rentals[0] slot_taken"],
            refused.GetProperty("failures").EnumerateArray().Select(failure => $"{failure.Text("part")} {failure.Text("code")}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal((0, 0), (await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {studio.Id}"), await app.Scalar<long>($"select count(*) from ordering.orders where customer_id = {renter.Id}")));
        await (await (await app.Renter()).Client.Book(studio, Hour(10, 15), Hour(10, 17))).Body(HttpStatusCode.Created);
    }

    [Fact]
    public async Task What_nobody_pays_is_free_again_and_late_money_takes_all_or_goes_back()
    {
        var (_, renter, product, hall, studio) = await Scene(stock: 4);
        var (kept, lost) = (await Held(renter, Wish(product, hall, studio)), await Held(renter, new
        {
            goods = new { items = new[] { new { productId = product, quantity = 2 } }, fulfillment = "pickup" },
            slots = new[] { new { listingId = studio.Id, startAt = Hour(20, 15), endAt = Hour(20, 16) } },
        }));
        var (payKept, payLost) = (await Pending(renter, kept), await Pending(renter, lost));
        var other = await app.Renter();
        await (await other.Client.Book(hall, Day(10), Day(10))).Refusal(HttpStatusCode.Conflict);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        // Somebody else is quicker with one part of one of them.
        await (await other.Client.Book(studio, Hour(20, 15), Hour(20, 16))).Body(HttpStatusCode.Created);
        foreach (var payment in (Guid[])[payLost, payKept])
            await renter.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed");
        await app.Later(TimeSpan.FromSeconds(30));

        Assert.Equal("paid", (await Shown(renter, kept)).Text("status"));
        Assert.Equal("open", (await Shown(renter, lost)).Text("status"));
        Assert.Equal("refunded", (await (await renter.Client.Get($"/api/v1/payments/{payLost}")).Body()).Text("status"));
        var admin = await app.Admin();
        Assert.Equal(2, await admin.Client.StockOf(product));
        // What was left of the other is free: it can be changed, and checked out again.
        await (await renter.Client.Put($"{Baskets}/{lost.Id()}/items", new { goods = new { items = new[] { new { productId = product, quantity = 2 } }, fulfillment = "pickup" } })).Body();
        await (await renter.Client.Post($"{Baskets}/{lost.Id()}/checkout")).Body();
        await (await renter.Client.Post($"{Baskets}/{lost.Id()}/release")).Body();
        Assert.Equal(2, await admin.Client.StockOf(product));
    }

    [Fact]
    public async Task Late_money_for_a_basket_is_in_time_where_only_what_lapsed_as_well_is_in_its_way()
    {
        var (_, renter, product, hall, studio) = await Scene(stock: 4);
        var held = await Held(renter, Wish(product, hall, studio));
        var payment = await Pending(renter, held);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        var other = await app.Renter();
        var dead = await (await other.Client.Book(hall, Day(11), Day(12))).Body(HttpStatusCode.Created);
        app.Clock.Advance(TimeSpan.FromMinutes(31));

        await (await renter.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await app.RunJobs();
        Assert.Equal("paid", (await Shown(renter, held)).Text("status"));
        Assert.Equal("expired", (await other.Client.Booking(dead.Id())).Text("status"));
    }

    [Fact]
    public async Task An_owner_who_is_asked_answers_once_the_basket_is_paid()
    {
        var (owner, renter, product, hall, studio) = await Scene(instant: false);
        var basket = await Held(renter, Wish(product, hall, studio));
        var stay = Part(basket, "rentals[0]", "bookingId");
        await (await owner.Client.Post($"{Rentals.Bookings}/{stay}/confirm")).Refusal(HttpStatusCode.Conflict);
        await renter.Client.Pay(new { basketId = basket.Id(), provider = "sandbox", method = "card" });
        Assert.Equal("paid", (await owner.Client.Booking(stay)).Text("status"));
        await (await owner.Client.Post($"{Rentals.Bookings}/{stay}/decline", new { reason = "Reforma." })).Body();
        await app.RunJobs();
        Assert.Equal(22_000, (await Shown(renter, basket)).Amount("refundedAmount"));
        Assert.Equal("declined", (await renter.Client.Booking(stay)).Text("status"));
    }

    [Fact]
    public async Task Many_who_race_for_the_last_of_everything_have_it_whole_or_not_at_all()
    {
        await using var other = await app.StartBeside();
        var (_, _, product, hall, studio) = await Scene(stock: 2);
        var renters = await Task.WhenAll(Enumerable.Range(0, Size.Of(normal: 40, full: 200)).Select(_ => app.Renter()));
        var goods = new { goods = new { items = new[] { new { productId = product, quantity = 2 } }, fulfillment = "pickup" } };
        var baskets = await Task.WhenAll(renters.Select((renter, at) => Made(renter, at % 4 == 3 ? goods : Wish(product, hall, studio))));
        var answers = await Task.WhenAll(renters.Select((renter, at) => (at % 2 == 0 ? renter.Client : other.ClientFor(renter.Client)).Post($"{Baskets}/{baskets[at].Id()}/checkout")));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            Assert.Equal("basket_refused", (await answer.Body(HttpStatusCode.Conflict)).Text("code"));
        var won = await answers.Single(answer => answer.StatusCode == HttpStatusCode.OK).Body();
        var whole = won.GetProperty("parts").GetArrayLength() == 3 ? 1 : 0;
        Assert.Equal((whole, whole), ((int)await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {hall.Id}"), (int)await app.Scalar<long>($"select count(*) from booking.taken where listing_id = {studio.Id}")));
        Assert.Equal(0, await (await app.Admin()).Client.StockOf(product));
    }

    private static async Task<JsonElement> Shown(Party renter, JsonElement basket) => await (await renter.Client.Get($"{Baskets}/{basket.Id()}")).Body();

    private static async Task<(string, string)> OrderStands(Party renter, Guid id)
    {
        var order = await (await renter.Client.Get($"/api/v1/orders/{id}")).Body();
        return (order.Text("status"), order.Text("paymentStatus"));
    }

    private static async Task<Guid> Pending(Party renter, JsonElement basket) =>
        (await (await renter.Client.Post("/api/v1/payments", new { basketId = basket.Id(), provider = "sandbox", method = "card" })).Body(HttpStatusCode.Created)).Id();
}
