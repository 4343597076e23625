using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

public sealed class PlaceOrderTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task An_order_takes_stock_and_keeps_its_names_prices_and_sums()
    {
        await shop.ChangeStore(fee: 600);
        var (coxinha, suco) = (await shop.Product(stock: 10, price: 799), await shop.Product(stock: 10, price: 1250));
        var customer = await shop.Customer();

        var response = await customer.Client.Post(Orders, new
        {
            items = Shop.Lines((suco, 1), (coxinha, 3), (suco, 2)),
            fulfillment = "delivery",
            address = Shop.Address("Fundos"),
            scheduledFor = shop.Clock.GetUtcNow().AddHours(3),
            notes = "Sem cebola, por favor",
            tip = new { amount = 150, currency = "BRL" },
            metadata = new { table = "7" },
        });
        var order = await response.Body(HttpStatusCode.Created);

        Assert.Equal($"{Orders}/{order.Id()}", response.Headers.Location?.ToString());
        Assert.Equal(("pending", "pending", "delivery", "online"), (order.Text("status"), order.Text("paymentStatus"), order.Text("fulfillment"), order.Text("paymentMethod")));
        Assert.Equal([(suco, 1, 1250L), (coxinha, 3, 2397L), (suco, 2, 2500L)], order.GetProperty("items").EnumerateArray()
            .Select(item => (item.GetProperty("productId").GetGuid(), item.GetProperty("quantity").GetInt32(), item.Amount("total"))));
        Assert.Equal((6147, 0, 600, 150, 6897), (order.Amount("subtotal"), order.Amount("discount"), order.Amount("deliveryFee"), order.Amount("tip"), order.Amount("total")));
        Assert.Equal("Fundos", order.GetProperty("address").Text("complement"));
        Assert.Equal("7", order.GetProperty("metadata").Text("table"));
        Assert.Equal(customer.Id, order.GetProperty("customerId").GetGuid());
        Assert.Equal([("pending", "customer")], order.GetProperty("timeline").EnumerateArray().Select(step => (step.Text("status"), step.Text("by"))));
        Assert.Equal((7, 7), (await shop.StockOf(coxinha), await shop.StockOf(suco)));

        // What was answered is what was written.
        Assert.Equal(order.GetRawText(), (await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body()).GetRawText());
    }

    [Fact]
    public async Task A_pickup_has_no_fee_and_no_address()
    {
        await shop.ChangeStore(fee: 600, minimumOrder: 100_000);
        var order = await shop.Place(await shop.Customer(), "pickup");

        Assert.Equal(0, order.Amount("deliveryFee"));
        Assert.Equal(JsonValueKind.Null, order.GetProperty("address").ValueKind);
    }

    [Fact]
    public async Task Numbers_count_up()
    {
        var customer = await shop.Customer();
        var first = (await shop.Place(customer)).GetProperty("number").GetInt64();
        var second = (await shop.Place(customer)).GetProperty("number").GetInt64();
        Assert.True(first < second);
    }

    [Theory]
    [InlineData("""{ "fulfillment": "pickup" }""", "items")]
    [InlineData("""{ "items": [], "fulfillment": "pickup" }""", "items")]
    [InlineData("""{ "items": [LINE] }""", "fulfillment")]
    [InlineData("""{ "items": [{ "productId": "PRODUCT", "quantity": 0 }], "fulfillment": "pickup" }""", "items[0].quantity")]
    [InlineData("""{ "items": [LINE, { "productId": "PRODUCT", "quantity": 1000 }], "fulfillment": "pickup" }""", "items[1].quantity")]
    [InlineData("""{ "items": [{ "productId": "coxinha", "quantity": 1 }], "fulfillment": "pickup" }""", "items[0].productId")]
    [InlineData("""{ "items": [LINE], "fulfillment": "teleport" }""", "fulfillment")]
    [InlineData("""{ "items": [LINE], "fulfillment": "delivery" }""", "addressId")]
    [InlineData("""{ "items": [LINE], "fulfillment": "delivery", "address": ADDRESS, "addressId": "PRODUCT" }""", "address")]
    [InlineData("""{ "items": [LINE], "fulfillment": "delivery", "addressId": "PRODUCT" }""", "addressId")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "address": ADDRESS }""", "address")]
    [InlineData("""{ "items": [LINE], "fulfillment": "delivery", "address": { "street": "Rua" } }""", "address.number")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "scheduledFor": "2026-03-04T15:00:00Z" }""", "scheduledFor")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "scheduledFor": "2026-04-03T15:00:01Z" }""", "scheduledFor")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "tip": { "amount": -1, "currency": "BRL" } }""", "tip.amount")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "tip": { "amount": 1, "currency": "USD" } }""", "tip.currency")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "paymentMethod": "barter" }""", "paymentMethod")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "metadata": { "": "x" } }""", "metadata")]
    [InlineData("""{ "items": [LINE], "fulfillment": "pickup", "metadata": { "x": null } }""", "metadata")]
    public async Task What_an_order_cannot_be_is_a_400_that_names_the_field(string body, string field)
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 10, price: 100);
        var text = body.Replace("LINE", """{ "productId": "PRODUCT", "quantity": 1 }""", StringComparison.Ordinal).Replace("PRODUCT", $"{product}", StringComparison.Ordinal)
            .Replace("ADDRESS", JsonSerializer.Serialize(Shop.Address()), StringComparison.Ordinal);

        Assert.Contains(field, await (await (await shop.Customer()).Client.Post(Orders, text)).Wrong(), StringComparer.Ordinal);
        Assert.Equal(10, await shop.StockOf(product));
    }

    [Fact]
    public async Task More_than_a_hundred_lines_or_too_long_a_note_are_refused()
    {
        var customer = await shop.Customer();
        var product = await shop.Product(stock: 1000, price: 1);
        Assert.Equal(["items"], await (await customer.Client.Post(Orders, Shop.Pickup([.. Enumerable.Repeat((product, 1), 101)]))).Wrong());
        Assert.Equal(["notes"], await (await customer.Client.Post(Orders, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", notes = new string('a', 501) })).Wrong());
        await shop.Place(customer, Shop.Pickup([.. Enumerable.Repeat((product, 1), 100)]));
    }

    [Theory]
    [InlineData("""{ "items": [{ "productId": "PRODUCT", "quantity": 1, "price": { "amount": 1, "currency": "BRL" } }], "fulfillment": "pickup" }""")]
    [InlineData("""{ "items": [{ "productId": "PRODUCT", "quantity": 1 }], "fulfillment": "pickup", "total": { "amount": 1, "currency": "BRL" } }""")]
    public async Task A_price_sent_by_the_client_is_refused(string body)
    {
        var product = await shop.Product(stock: 10, price: 100);
        await (await (await shop.Customer()).Client.Post(Orders, body.Replace("PRODUCT", $"{product}", StringComparison.Ordinal))).Refusal(HttpStatusCode.BadRequest, "unknown_field");
        Assert.Equal(10, await shop.StockOf(product));
    }

    [Fact]
    public async Task An_order_for_more_than_there_is_changes_nothing()
    {
        var (plenty, scarce) = (await shop.Product(stock: 5, price: 100), await shop.Product(stock: 1, price: 100));
        var customer = await shop.Customer();

        await (await customer.Client.Post(Orders, Shop.Pickup((plenty, 1), (scarce, 1), (scarce, 1)))).Refusal(HttpStatusCode.Conflict, "out_of_stock");
        await (await customer.Client.Post(Orders, Shop.Pickup((plenty, 1), (Guid.CreateVersion7(), 1)))).Refusal(HttpStatusCode.Conflict, "unknown_product");

        Assert.Equal((5, 1), (await shop.StockOf(plenty), await shop.StockOf(scarce)));
        Assert.Equal(0, (await (await customer.Client.Get($"{Orders}/mine")).Body()).GetProperty("meta").GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task A_closed_store_says_when_it_opens_and_takes_orders_for_then()
    {
        // The clock of the tests stands at noon of a Wednesday in São Paulo.
        await shop.ChangeStore(openingHours: [new { day = "wednesday", opens = "18:00", closes = "02:00" }]);
        try
        {
            var product = await shop.Product(stock: 10, price: 100);
            var customer = await shop.Customer();

            var problem = await (await customer.Client.Post(Orders, Shop.Pickup((product, 1)))).Refusal(HttpStatusCode.Conflict, "store_closed");
            Assert.Equal("2026-03-04T21:00:00.000000Z", problem.Text("opensAt"));
            Assert.Contains("2026-03-04T18:00-03:00", problem.Text("detail"), StringComparison.Ordinal);
            // Being closed comes before being sold out, and nothing was taken.
            await (await customer.Client.Post(Orders, Shop.Pickup((product, 99)))).Refusal(HttpStatusCode.Conflict, "store_closed");
            Assert.Equal(10, await shop.StockOf(product));

            object For(string time) => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", scheduledFor = time };
            await shop.Place(customer, For("2026-03-05T01:59:00-03:00"));
            await (await customer.Client.Post(Orders, For("2026-03-05T02:00:00-03:00"))).Refusal(HttpStatusCode.Conflict, "store_closed");
        }
        finally
        {
            await shop.ChangeStore();
        }
    }

    [Fact]
    public async Task A_store_that_takes_no_orders_refuses_them_all()
    {
        await shop.ChangeStore(acceptingOrders: false);
        try
        {
            var product = await shop.Product(stock: 10, price: 100);
            await (await (await shop.Customer()).Client.Post(Orders, Shop.Pickup((product, 1)))).Refusal(HttpStatusCode.Conflict, "store_closed");
            Assert.Equal(10, await shop.StockOf(product));
        }
        finally
        {
            await shop.ChangeStore();
        }
    }

    [Fact]
    public async Task Delivery_below_the_minimum_is_refused_and_takes_nothing()
    {
        await shop.ChangeStore(minimumOrder: 2000);
        try
        {
            var product = await shop.Product(stock: 10, price: 1000);
            var customer = await shop.Customer();
            object Delivered(int quantity) => new { items = Shop.Lines((product, quantity)), fulfillment = "delivery", address = Shop.Address(), tip = new { amount = 5000, currency = "BRL" } };

            var problem = await (await customer.Client.Post(Orders, Delivered(1))).Refusal(HttpStatusCode.Conflict, "below_minimum_order");
            Assert.Equal((2000, 1000), (problem.Amount("minimumOrder"), problem.Amount("subtotal")));
            Assert.Equal(10, await shop.StockOf(product));
            await shop.Place(customer, Delivered(2));
        }
        finally
        {
            await shop.ChangeStore();
        }
    }

    [Fact]
    public async Task A_saved_address_is_copied_into_the_order_and_another_users_is_not()
    {
        // Another test may have left a minimum behind.
        await shop.ChangeStore(fee: 600);
        var (customer, stranger) = (await shop.Customer(), await shop.Customer());
        var saved = await (await customer.Client.Post("/api/v1/users/me/addresses", new
        {
            label = "Casa",
            street = "Rua Augusta",
            number = "1500",
            neighborhood = "Consolação",
            city = "São Paulo",
            state = "SP",
            postalCode = "01304-001",
            country = "BR",
            isDefault = true,
        })).Body(HttpStatusCode.Created);
        var product = await shop.Product(stock: 10, price: 1000);
        var order = new { items = Shop.Lines((product, 1)), fulfillment = "delivery", addressId = saved.Id() };

        Assert.Equal("Rua Augusta", (await shop.Place(customer, order)).GetProperty("address").Text("street"));
        Assert.Equal(["addressId"], await (await stranger.Client.Post(Orders, order)).Wrong());
        Assert.Equal(9, await shop.StockOf(product));
    }

    [Fact]
    public async Task A_replay_answers_the_same_and_orders_nothing_more()
    {
        var product = await shop.Product(stock: 10, price: 100);
        var (customer, another) = (await shop.Customer(), await shop.Customer());
        var key = $"{Guid.CreateVersion7()}";

        var first = await customer.Client.Post(Orders, Shop.Pickup((product, 1)), key);
        var again = await customer.Client.Post(Orders, Shop.Pickup((product, 1)), key);
        Assert.Equal((await first.Body(HttpStatusCode.Created)).GetRawText(), (await again.Body(HttpStatusCode.Created)).GetRawText());
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"), StringComparer.Ordinal);
        Assert.Equal(9, await shop.StockOf(product));

        await (await customer.Client.Post(Orders, Shop.Pickup((product, 2)), key)).Refusal(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(9, await shop.StockOf(product));

        var separate = await (await another.Client.Post(Orders, Shop.Pickup((product, 1)), key)).Body(HttpStatusCode.Created);
        Assert.Equal(another.Id, separate.GetProperty("customerId").GetGuid());
        Assert.Equal(8, await shop.StockOf(product));
    }

    [Fact]
    public async Task A_refused_order_replays_its_refusal()
    {
        var product = await shop.Product(stock: 1, price: 100);
        var (customer, another) = (await shop.Customer(), await shop.Customer());
        var key = $"{Guid.CreateVersion7()}";

        await (await customer.Client.Post(Orders, Shop.Pickup((product, 2)), key)).Refusal(HttpStatusCode.Conflict, "out_of_stock");
        var again = await customer.Client.Post(Orders, Shop.Pickup((product, 2)), key);
        await again.Refusal(HttpStatusCode.Conflict, "out_of_stock");
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"), StringComparer.Ordinal);
        Assert.Equal(1, await shop.StockOf(product));
        await shop.Place(another, Shop.Pickup((product, 1)));
    }
}
