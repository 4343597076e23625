using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Pricing;

namespace Quitanda.Tests.Ordering;

public sealed class QuoteTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private const string Quotes = "/api/v1/quotes";

    [Fact]
    public async Task A_quote_that_is_over_is_deleted_and_one_that_holds_is_not()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var customer = await shop.Customer();
        async Task<Guid> Quote() => (await (await customer.Client.Post(Quotes, Shop.Pickup((product, 1)))).Body()).GetProperty("quoteId").GetGuid();
        var over = await Quote();
        shop.Clock.Advance(TimeSpan.FromMinutes(10));
        var holds = await Quote();
        shop.Clock.Advance(TimeSpan.FromMinutes(5));
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<ForgetQuotes>(provider).Handle(new(shop.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });

        Assert.Equal([holds], await shop.WithDb(db => db.Read($"select id from ordering.quotes where id in ({over}, {holds})", row => row.GetGuid(0), TestContext.Current.CancellationToken)));
        await shop.Place(await shop.Customer(), new { items = Shop.Lines((product, 1)), fulfillment = "pickup", quoteId = holds });
    }

    [Fact]
    public async Task A_quote_explains_each_amount_holds_nothing_and_the_order_comes_to_it()
    {
        await shop.ChangeStore(fee: 600);
        var staff = (await shop.Staff()).Client;
        var product = await shop.Product(stock: 10, price: 1000);
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new
        {
            optionGroups = new[] { new { name = "Molhos", min = 0, max = 3, free = 1, options = new[] { new { name = "Alho", price = Money(150) }, new { name = "Ervas", price = Money(250) } } } },
        })).Body();
        var sauces = (await (await staff.Get($"/api/v1/products/{product}")).Body()).GetProperty("optionGroups")[0].GetProperty("options");
        var code = $"MOLHO-{product.ToString()[..8].ToUpperInvariant()}";
        await (await staff.Post("/api/v1/coupons", new { code, percent = 10 })).Body(HttpStatusCode.Created);
        var (address, tip) = (Shop.Address(), Money(100));
        object[] items = [new { productId = product, quantity = 2, options = new[] { new { optionId = sauces[0].Id(), quantity = 1 }, new { optionId = sauces[1].Id(), quantity = 1 } }, notes = "Bem passado" }];
        var body = new { items, fulfillment = "delivery", address, tip, couponCode = code };

        var customer = await shop.Customer();
        var quote = await (await customer.Client.Post(Quotes, body)).Body();
        Assert.Equal(
            [
                ("product", "product_price", 2000L), ("option", "option_free", 0), ("option", "option_price", 500), ("discount", "coupon_percent", 250), ("delivery", "zone_fee", 600), ("tip", "tip", 100),
            ],
            quote.GetProperty("lines").EnumerateArray().Select(line => (line.Text("kind")!, line.Text("rule")!, line.Amount("amount"))));
        Assert.Equal((2500, 250, 600, 100, 2950), (quote.Amount("subtotal"), quote.Amount("discount"), quote.Amount("deliveryFee"), quote.Amount("tip"), quote.Amount("total")));
        Assert.Equal(0, quote.GetProperty("refusals").GetArrayLength());
        Assert.Equal(10, await shop.StockOf(product));

        var quoteId = quote.GetProperty("quoteId").GetGuid();
        var order = await shop.Place(customer, new { items, fulfillment = "delivery", address, tip, couponCode = code, quoteId });
        Assert.Equal(2950, order.Amount("total"));
        var line = order.GetProperty("items")[0];
        Assert.Equal((1250, 2500, 250, "Bem passado"), (line.Amount("unitPrice"), line.Amount("total"), line.Amount("discount"), line.Text("notes")));
        Assert.Equal([("Alho", 1), ("Ervas", 0)], line.GetProperty("options").EnumerateArray().Select(option => (option.Text("name"), option.GetProperty("freeQuantity").GetInt32())));
    }

    [Fact]
    public async Task One_line_may_have_notes_and_another_none_and_null_is_no_line()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var customer = await shop.Customer();
        static object Body(params object?[] items) => new { items, fulfillment = "pickup" };
        object[] lines = [new { productId = product, quantity = 1, notes = "Sem cebola" }, new { productId = product, quantity = 1 }];

        await (await customer.Client.Post(Quotes, Body(lines))).Body();
        var order = await shop.Place(customer, Body(lines));
        Assert.Equal(["Sem cebola", null], order.GetProperty("items").EnumerateArray().Select(line => line.Text("notes")), StringComparer.Ordinal);

        foreach (var path in (string[])[Quotes, Orders])
        {
            Assert.Equal(["items[0]"], await (await customer.Client.Post(path, Body([null]))).Wrong());
            Assert.Equal(["items[0].options[0]"], await (await customer.Client.Post(path, Body(new { productId = product, quantity = 1, options = new object?[] { null } }))).Wrong());
        }
    }

    [Fact]
    public async Task An_order_is_held_to_its_quote_or_refused_as_stale()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var (customer, staff) = (await shop.Customer(), (await shop.Staff()).Client);
        var quoteId = (await (await shop.CreateClient().Post(Quotes, Shop.Pickup((product, 2)))).Body()).GetProperty("quoteId").GetGuid();
        object Order(int quantity, Guid? id = null) => new { items = Shop.Lines((product, quantity)), fulfillment = "pickup", quoteId = id ?? quoteId };

        await shop.Place(customer, Order(2));
        await Stale(Order(3));
        await Stale(Order(2, Guid.CreateVersion7()));
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new { price = Money(1001) })).Body();
        var problem = await Stale(Order(2));
        Assert.Equal((2000, 2002), (problem.Amount("quoted"), problem.Amount("total")));
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new { price = Money(1000) })).Body();
        await shop.Place(customer, Order(2));
        shop.Clock.Advance(TimeSpan.FromMinutes(15));
        await Stale(Order(2));
        Assert.Equal(6, await shop.StockOf(product));
        Assert.Equal(["quoteId"], await (await customer.Client.Post(Quotes, Order(2))).Wrong());

        async Task<JsonElement> Stale(object order) => await (await customer.Client.Post(Orders, order)).Refusal(HttpStatusCode.Conflict, "quote_stale");
    }

    [Fact]
    public async Task Everything_that_stands_against_an_order_is_named_at_once()
    {
        var (few, plain) = (await shop.Product(stock: 2, price: 1000), await shop.Product(stock: 10, price: 500));
        await shop.ChangeStore(acceptingOrders: false, minimumOrder: 1_000_000);
        var stranger = Guid.CreateVersion7();
        var quote = await (await (await shop.Customer()).Client.Post(Quotes, new
        {
            items = new object[] { new { productId = few, quantity = 3 }, new { productId = stranger, quantity = 1 }, new { productId = plain, quantity = 1, options = new[] { new { optionId = stranger } } }, new { productId = plain, quantity = 1 } },
            fulfillment = "delivery",
            address = Shop.Address(),
            couponCode = "NADA",
            paymentMethod = "manual",
            changeFor = Money(10),
        })).Body();
        await shop.ChangeStore();

        Assert.Equal(
            [("out_of_stock", 0), ("unknown_product", 1), ("invalid_options", 2), ("coupon_refused", -1), ("store_closed", -1), ("below_minimum_order", -1), ("change_too_small", -1)],
            quote.GetProperty("refusals").EnumerateArray().Select(refusal => (refusal.Text("code")!, refusal.GetProperty("item") is { ValueKind: JsonValueKind.Number } at ? at.GetInt32() : -1)));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (quote.GetProperty("quoteId").ValueKind, quote.GetProperty("expiresAt").ValueKind));
    }

    [Fact]
    public async Task Cash_that_is_handed_over_is_noted_and_covers_the_order()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var customer = await shop.Customer();
        object Order(long cash, string method = "manual") => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = method, changeFor = Money(cash) };
        Assert.Equal(5000, (await shop.Place(customer, Order(5000))).Amount("changeFor"));
        await (await customer.Client.Post(Orders, Order(999))).Refusal(HttpStatusCode.Conflict, "change_too_small");
        Assert.Equal(["changeFor"], await (await customer.Client.Post(Orders, Order(5000, "online"))).Wrong());
    }

    [Fact]
    public async Task Numbers_to_call_out_count_from_one_each_day_under_another_letter()
    {
        var customer = await shop.Customer();
        shop.Clock.Advance(TimeSpan.FromDays(1));
        var customers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => shop.Customer()));
        var product = await shop.Product(stock: 1000, price: 100);
        var today = await Task.WhenAll(customers.Select(one => shop.Place(one, Shop.Pickup((product, 1)))));
        var (letter, counts) = (today[0].Text("shortNumber")![0], today.Select(order => int.Parse(order.Text("shortNumber")![1..], System.Globalization.CultureInfo.InvariantCulture)).ToList());
        Assert.All(today, order => Assert.Equal(letter, order.Text("shortNumber")![0]));
        Assert.Equal(20, counts.Distinct().Count());
        Assert.InRange(counts.Min(), 1, 20);
        var staff = (await shop.Staff()).Client;
        var wanted = today[3];
        Assert.Contains(wanted.Id(), (await (await staff.Get($"{Orders}?search={wanted.Text("shortNumber")!.ToLowerInvariant()}")).Body()).GetProperty("data").EnumerateArray().Select(order => order.Id()));

        shop.Clock.Advance(TimeSpan.FromDays(1));
        var tomorrow = (await shop.Place(await shop.Customer(), Shop.Pickup((product, 1)))).Text("shortNumber")!;
        Assert.NotEqual(letter, tomorrow[0]);
        Assert.InRange(int.Parse(tomorrow[1..], System.Globalization.CultureInfo.InvariantCulture), 1, 2);
        _ = customer;
    }

    [Fact]
    public async Task What_is_promised_for_as_soon_as_can_be_waits_for_its_money_and_what_is_wanted_at_a_time_is_paid_by_then()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var staff = (await shop.Staff()).Client;
        await shop.ChangeStore();
        await (await staff.Post("/api/v1/store/busy", new { minutes = 40 })).Body();
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Shop.Pickup((product, 1)));
        var placed = order.GetProperty("createdAt").GetDateTimeOffset();
        Assert.Equal((placed.AddMinutes(40), placed.AddMinutes(30)), (order.GetProperty("readyAt").GetDateTimeOffset(), order.GetProperty("expiresAt").GetDateTimeOffset()));
        var soon = await shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", scheduledFor = placed.AddMinutes(60) });
        Assert.Equal(placed.AddMinutes(20), soon.GetProperty("expiresAt").GetDateTimeOffset());
        var sooner = await shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", scheduledFor = placed.AddMinutes(41) });
        Assert.Equal(placed.AddMinutes(5), sooner.GetProperty("expiresAt").GetDateTimeOffset());

        shop.Clock.Advance(TimeSpan.FromMinutes(12));
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await (await staff.Post("/api/v1/store/busy", new { minutes = 0 })).Body();
        Assert.Equal(placed.AddMinutes(52), (await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body()).GetProperty("readyAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task What_no_number_holds_is_too_much_and_no_failure()
    {
        var staff = (await shop.Staff()).Client;
        var product = await shop.Product(stock: 1_000_000, price: 1_000_000_000_000);
        var options = (await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new
        {
            optionGroups = Enumerable.Range(0, 20).Select(at => new { name = $"G{at}", min = 0, max = 50, options = new[] { new { name = "Ouro", price = Money(1_000_000_000_000) } } }),
        })).Body()).GetProperty("optionGroups").EnumerateArray().Select(group => new { optionId = group.GetProperty("options")[0].Id(), quantity = 50 }).ToArray();
        var body = new { items = Enumerable.Range(0, 10).Select(_ => new { productId = product, quantity = 999, options }), fulfillment = "pickup" };
        var customer = (await shop.Customer()).Client;
        await (await customer.Post(Orders, body)).Refusal(HttpStatusCode.Conflict, "total_too_large");
        await (await customer.Post(Quotes, body)).Refusal(HttpStatusCode.Conflict, "total_too_large");
        await (await customer.Send(HttpMethod.Put, "/api/v1/cart/items", new { productId = product, quantity = 999, options })).Body();
        Assert.Equal("total_too_large", (await (await customer.Get("/api/v1/cart")).Body()).GetProperty("trouble").Text("code"));
        Assert.Equal(1_000_000, await shop.StockOf(product));
    }

    [Fact]
    public async Task A_name_that_no_pattern_likes_costs_no_time()
    {
        var product = await shop.Product(stock: 10, price: 1000);
        var wrong = await (await shop.CreateClient().Post(Quotes, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", contact = new { name = new string('a', 100_000) + "\nb", phone = "+5511987654321" } })).Wrong();
        Assert.Equal(["contact.name"], wrong);
    }

    private static object Money(long amount) => new { amount, currency = "BRL" };
}
