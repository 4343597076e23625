using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments;

namespace Quitanda.Tests.Ordering;

/// <summary>Whether guests may order at all, and how much they may leave unpaid.</summary>
public sealed class GuestOrdersTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private const string Quotes = "/api/v1/quotes";

    [Fact]
    public async Task A_store_may_take_orders_only_from_those_who_have_signed_in()
    {
        var product = await shop.Product(stock: 9, price: 1000);
        var (guest, _) = await shop.NewGuest(product);
        Assert.True((await (await shop.Guest.Get("/api/v1/store")).Body()).GetProperty("acceptingGuests").GetBoolean());
        await Accept(guests: false);
        Assert.False((await (await shop.Guest.Get("/api/v1/store")).Body()).GetProperty("acceptingGuests").GetBoolean());

        foreach (var client in (HttpClient[])[guest, shop.CreateClient()])
        {
            var refused = await (await client.Post(Orders, Order(product))).Refusal(HttpStatusCode.Conflict, "guests_not_accepted");
            Assert.DoesNotContain("X-Cart-Token", refused.GetRawText(), StringComparison.Ordinal);
            var quote = await (await client.Post(Quotes, Order(product))).Body();
            Assert.Equal(("guests_not_accepted", JsonValueKind.Null), (Assert.Single(quote.GetProperty("refusals").EnumerateArray()).Text("code"), quote.GetProperty("quoteId").ValueKind));
        }

        Assert.Equal(9, await shop.StockOf(product));
        // The cart is still theirs, and goes with them when they sign in.
        Assert.Equal([(product, 1)], await guest.Cart());
        var customer = await shop.Customer();
        Assert.Empty((await (await customer.Client.Post(Quotes, Order(product))).Body()).GetProperty("refusals").EnumerateArray());
        await shop.Place(customer, Order(product));

        await Accept(guests: true);
        await (await guest.Post(Orders, Order(product))).Body(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_guest_has_so_many_unpaid_orders_at_once_however_many_come_together()
    {
        await using var other = await shop.StartBeside(("Ordering:GuestOpenOrders", "3"));
        await using var unlimited = await shop.StartBeside(("Ordering:GuestOpenOrders", "0"));
        var product = await shop.Product(stock: 100, price: 1000);
        var (_, token) = await shop.NewGuest(product);
        HttpClient Client() => other.ClientFor(shop.Guest).With(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, Size.Of(20, 100)).Select(at => Client().Post(Orders, Order(product, at % 2 == 0 ? "online" : "manual"))));
        var taken = answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).ToList();
        Assert.Equal(3, taken.Count);
        foreach (var answer in answers.Except(taken))
            Assert.Equal(3, (await answer.Refusal(HttpStatusCode.Conflict, "too_many_open_orders")).GetProperty("limit").GetInt32());
        Assert.Equal(97, await shop.StockOf(product));
        Assert.Equal("too_many_open_orders", Assert.Single((await (await Client().Post(Quotes, Order(product))).Body()).GetProperty("refusals").EnumerateArray()).Text("code"));

        // One that is called off, and one that is paid, make room for one each.
        var orders = await Task.WhenAll(taken.Select(answer => answer.Body(HttpStatusCode.Created)));
        await (await Client().Post($"{Orders}/{orders[0].Id()}/cancel")).Body();
        await (await Client().Post(Orders, Order(product, "online"))).Body(HttpStatusCode.Created);
        await (await Client().Post(Orders, Order(product))).Refusal(HttpStatusCode.Conflict, "too_many_open_orders");
        var online = (await (await Client().Get($"{Orders}/mine")).Body()).GetProperty("data").EnumerateArray().First(order => order.Text("paymentMethod") == "online" && order.Text("status") != "cancelled").Id();
        var payment = (await (await Client().Post("/api/v1/payments", new { orderId = online, provider = "sandbox", method = "pix" })).Body(HttpStatusCode.Created)).Id();
        await (await Client().Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await (await Client().Post(Orders, Order(product))).Body(HttpStatusCode.Created);
        await (await Client().Post(Orders, Order(product))).Refusal(HttpStatusCode.Conflict, "too_many_open_orders");

        // Another guest has room of their own, an account needs none, and without a limit there is none.
        await (await other.ClientFor(shop.Guest).Post(Orders, Order(product))).Body(HttpStatusCode.Created);
        var customer = other.ClientFor((await shop.Customer()).Client);
        for (var order = 0; order < 5; order++)
            await (await customer.Post(Orders, Order(product))).Body(HttpStatusCode.Created);
        await (await unlimited.ClientFor(shop.Guest).With(token).Post(Orders, Order(product))).Body(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Whoever_pays_a_guests_order_is_reached_where_that_very_order_says()
    {
        var product = await shop.Product(stock: 9, price: 1000);
        var (guest, _) = await shop.NewGuest(product);
        var emails = new List<string?>();
        foreach (var contact in (object[])[GuestCalls.Contact("ana@exemplo.test"), GuestCalls.Contact("bia@exemplo.test"), new { name = "Caio", phone = "+5511987654321" }])
            emails.Add(await EmailOf(await (await guest.Post(Orders, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", contact })).Body(HttpStatusCode.Created)));
        // An account pays with its own address, whoever picks the order up.
        emails.Add(await EmailOf(await shop.Place(await shop.Customer(), Order(product))));

        Assert.Equal(["ana@exemplo.test", "bia@exemplo.test", null, null], emails, StringComparer.Ordinal);

        Task<string?> EmailOf(JsonElement order) => shop.InScope(async provider =>
        {
            var due = await provider.GetServices<IPayable>().Single(payable => payable.Kind == "order").Lock(order.Id(), TestContext.Current.CancellationToken);
            Assert.DoesNotContain("exemplo", $"{due}", StringComparison.Ordinal);
            return due!.GuestEmail;
        });
    }

    private static object Order(Guid product, string paymentMethod = "manual") =>
        new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod, contact = GuestCalls.Contact() };

    private async Task Accept(bool guests)
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["acceptingGuests"] = JsonValue.Create(guests);
        await (await (await shop.Staff()).Client.Send(HttpMethod.Put, "/api/v1/store", store.ToJsonString())).Body();
    }
}
