using System.Net;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class CartTests(Shop shop) : IClassFixture<Shop>
{
    private const string Cart = "/api/v1/cart";
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task An_item_says_where_its_product_is_and_what_shows_it_as_long_as_it_is_there()
    {
        var (customer, product) = ((await shop.Customer()).Client, await shop.Product(stock: 5, price: 100));
        // As a finished upload leaves it; how an image gets there is the catalog's own test.
        var file = Guid.CreateVersion7();
        await shop.WithDb(db => db.Execute($"update catalog.products set images = {Sql.Json(new[] { new { id = file, width = 40, height = 30 }, new { id = Guid.CreateVersion7(), width = 4, height = 3 } })} where id = {product}", TestContext.Current.CancellationToken));
        var slug = (await (await shop.Guest.Get($"/api/v1/products/{product}")).Body()).Text("slug");

        foreach (var cart in (JsonElement[])[await (await customer.PutItem(product, 1)).Body(), await (await customer.Get(Cart)).Body()])
        {
            var item = Assert.Single(cart.GetProperty("items").EnumerateArray());
            var image = item.GetProperty("image");
            Assert.Equal((slug, file, 40, 30), (item.Text("slug"), image.Id(), image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32()));
            Assert.Contains($"{file}", image.Text("url"), StringComparison.Ordinal);
        }

        var bare = await shop.Product(stock: 5, price: 100);
        await (await customer.PutItem(bare, 1)).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await (await shop.Admin()).Send(HttpMethod.Delete, $"/api/v1/products/{product}")).StatusCode);
        var items = (await (await customer.Get(Cart)).Body()).GetProperty("items");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (items[0].GetProperty("slug").ValueKind, items[0].GetProperty("image").ValueKind));
        Assert.Equal((JsonValueKind.String, JsonValueKind.Null), (items[1].GetProperty("slug").ValueKind, items[1].GetProperty("image").ValueKind));
    }

    [Fact]
    public async Task A_write_with_a_condition_compares_the_cart_as_it_is_and_joins_only_with_what_it_writes()
    {
        var customer = (await shop.Customer()).Client;
        var (own, theirs, added) = (await shop.Product(stock: 5, price: 100), await shop.Product(stock: 5, price: 100), await shop.Product(stock: 5, price: 100));
        var tag = (await customer.PutItem(own, 1)).Headers.ETag!.Tag;
        var (guest, token) = await shop.NewGuest(theirs);
        customer.With(token);

        // To compare, the cart is shown inside the write: as it was told, and without joining anything to it.
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put("\"0123456789abcdef01234567\"")).StatusCode);
        Assert.Equal([(theirs, 1)], await guest.Cart());
        Assert.Equal(new[] { own, theirs, added }.Order(), GuestCalls.In(await (await Put(tag)).Body()).Select(item => item.Product).Order());
        Assert.Empty(await guest.Cart());

        Task<HttpResponseMessage> Put(string version)
        {
            var request = new HttpRequestMessage(HttpMethod.Put, GuestCalls.Items) { Content = System.Net.Http.Json.JsonContent.Create(new { productId = added, quantity = 1 }) };
            request.Headers.TryAddWithoutValidation("If-Match", version);
            return customer.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_cart_is_priced_at_each_read_and_says_what_cannot_be_had()
    {
        var (customer, staff) = ((await shop.Customer()).Client, (await shop.Staff()).Client);
        var (one, two) = (await shop.Product(stock: 5, price: 1000), await shop.Product(stock: 1, price: 250));
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{one}", new
        {
            optionGroups = new[] { new { name = "Molhos", min = 0, max = 3, free = 1, options = new[] { new { name = "Alho", price = Money(150) }, new { name = "Ervas", price = Money(250) } } } },
        })).Body();
        var sauces = (await (await staff.Get($"/api/v1/products/{one}")).Body()).GetProperty("optionGroups")[0].GetProperty("options");
        var (garlic, herbs) = (sauces[0].Id(), sauces[1].Id());

        var empty = await (await customer.Get(Cart)).Body();
        Assert.Equal((0, 0L, JsonValueKind.Null), (empty.GetProperty("items").GetArrayLength(), empty.Amount("subtotal"), empty.GetProperty("updatedAt").ValueKind));

        var tag = (await customer.PutItem(one, 2, "Sem cebola", new[] { new { optionId = garlic, quantity = 1 }, new { optionId = herbs, quantity = 1 } })).Headers.ETag;
        // In whatever order it is chosen, and however often it is said, the same is one item.
        var cart = await (await customer.PutItem(one, 3, "Sem cebola", new[] { new { optionId = herbs, quantity = 1 }, new { optionId = garlic, quantity = 1 } })).Body();
        var item = Assert.Single(cart.GetProperty("items").EnumerateArray());
        Assert.Equal((3, 1250, 3750, "Sem cebola"), (item.GetProperty("quantity").GetInt32(), item.Amount("unitPrice"), item.Amount("total"), item.Text("notes")));
        Assert.Equal([("Alho", 1), ("Ervas", 0)], item.GetProperty("options").EnumerateArray().Select(option => (option.Text("name"), option.GetProperty("freeQuantity").GetInt32())));
        Assert.False(cart.TryGetProperty("cartToken", out _));
        Assert.NotEqual(tag, (await customer.Get(Cart)).Headers.ETag);

        // Otherwise noted or chosen it is another; and what is sold out may be put in.
        await (await customer.PutItem(one, 1)).Body();
        cart = await (await customer.PutItem(two, 2)).Body();
        Assert.Equal([(one, 3), (one, 1), (two, 2)], GuestCalls.In(cart));
        Assert.Equal(3750 + 1000 + 500, cart.Amount("subtotal"));
        var trouble = cart.GetProperty("items")[2].GetProperty("trouble");
        Assert.Equal(("out_of_stock", 1), (trouble.Text("code"), trouble.GetProperty("available").GetInt32()));

        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{two}", new { price = Money(300) })).Body();
        Assert.Equal(600, (await (await customer.Get(Cart)).Body()).GetProperty("items")[2].Amount("total"));
        await staff.Send(HttpMethod.Delete, $"/api/v1/products/{two}");
        var gone = (await (await customer.Get(Cart)).Body()).GetProperty("items")[2];
        Assert.Equal(("Coxinha", "unknown_product", JsonValueKind.Null), (gone.Text("name"), gone.GetProperty("trouble").Text("code"), gone.GetProperty("unitPrice").ValueKind));

        // It can be taken out though it is gone, by what it is or by its item's id.
        Assert.Equal([(one, 3), (one, 1)], GuestCalls.In(await (await customer.PutItem(two, 0)).Body()));
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Send(HttpMethod.Delete, $"{GuestCalls.Items}/{item.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await customer.Send(HttpMethod.Delete, $"{GuestCalls.Items}/{item.Id()}")).StatusCode);
        Assert.Equal([(one, 1)], await customer.Cart());
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Send(HttpMethod.Delete, Cart)).StatusCode);
        Assert.Empty(await customer.Cart());
        Assert.Equal(5, await shop.StockOf(one));
    }

    [Fact]
    public async Task What_is_no_product_or_cannot_be_chosen_so_does_not_get_in_and_neither_do_a_hundred_and_one()
    {
        var customer = (await shop.Customer()).Client;
        var product = await shop.Product(stock: 5, price: 1000);
        await (await customer.PutItem(Guid.CreateVersion7(), 1)).Refusal(HttpStatusCode.Conflict, "unknown_product");
        await (await customer.PutItem(product, 1, options: new[] { new { optionId = Guid.CreateVersion7(), quantity = 1 } })).Refusal(HttpStatusCode.Conflict, "invalid_options");
        Assert.Equal(["quantity"], await (await customer.PutItem(product, -1)).Wrong());
        Assert.Equal(["quantity"], await (await customer.PutItem(product, 1000)).Wrong());
        Assert.Empty(await customer.Cart());

        var responses = await Task.WhenAll(Enumerable.Range(0, 110).Select(place => customer.PutItem(product, 1, $"Linha {place}")));
        Assert.Equal(100, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        foreach (var full in responses.Where(response => response.StatusCode != HttpStatusCode.OK))
            await full.Refusal(HttpStatusCode.Conflict, "cart_full");
        Assert.Equal(100, (await customer.Cart()).Length);
        // What is in it already can still be changed.
        var notes = (await (await customer.Get(Cart)).Body()).GetProperty("items")[0].Text("notes");
        await (await customer.PutItem(product, 7, notes)).Body();
    }

    [Fact]
    public async Task Two_tabs_at_once_never_make_two_items_of_one_and_lose_nothing_on_two_processes()
    {
        var customer = (await shop.Customer()).Client;
        await using var other = await shop.StartBeside();
        var there = other.ClientFor(customer);
        var products = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => shop.Product(stock: 100, price: 100)));

        var responses = await Task.WhenAll(Enumerable.Range(0, Size.Of(40, 200)).Select(call => (call % 2 == 0 ? customer : there).PutItem(products[call % 4], 1 + call % 5)));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(products.Order(), (await customer.Cart()).Select(item => item.Product).Order());
    }

    [Fact]
    public async Task A_condition_on_a_cart_holds()
    {
        var customer = (await shop.Customer()).Client;
        var product = await shop.Product(stock: 100, price: 100);
        await customer.PutItem(product, 1);
        var tag = await customer.TagOf(Cart);
        object body = new { productId = product, quantity = 2 };
        var changed = await customer.SendIf(HttpMethod.Put, GuestCalls.Items, tag, body);
        Assert.Equal((HttpStatusCode.OK, await customer.TagOf(Cart)), (changed.StatusCode, changed.Tag()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await customer.SendIf(HttpMethod.Put, GuestCalls.Items, tag, body)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await customer.SendIf(HttpMethod.Delete, Cart, tag)).StatusCode);
        Assert.Equal([(product, 2)], await customer.Cart());
    }

    [Fact]
    public async Task A_guests_cart_joins_the_accounts_once_however_often_it_is_sent()
    {
        var (first, second, third) = (await shop.Product(stock: 9, price: 100), await shop.Product(stock: 9, price: 200), await shop.Product(stock: 9, price: 300));
        var (guest, token) = await shop.NewGuest(first, 4);
        await guest.PutItem(second, 1);
        var customer = (await shop.Customer()).Client;
        await customer.PutItem(first, 3);
        await customer.PutItem(third, 5);
        await using var other = await shop.StartBeside();
        var (here, there) = (customer.With(token), other.ClientFor(customer).With(token));

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(call => (call % 2 == 0 ? here : there).Get(Cart)));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal([(first, 4), (third, 5), (second, 1)], (await here.Cart()).OrderByDescending(item => item.Product == first).ThenByDescending(item => item.Quantity));
        Assert.Empty(await guest.Cart());

        // What is put in since then, by whichever call, comes along as well, and what was taken out stays out.
        await here.PutItem(second, 0);
        await guest.PutItem(third, 1);
        Assert.Equal([(first, 2), (third, 5)], GuestCalls.In(await (await here.PutItem(first, 2)).Body()).OrderBy(item => item.Quantity));
        Assert.Equal([(first, 2), (third, 5)], (await here.Cart()).OrderBy(item => item.Quantity));
    }

    [Fact]
    public async Task A_join_keeps_to_the_size_of_a_cart()
    {
        var product = await shop.Product(stock: 9, price: 100);
        var (guest, token) = await shop.NewGuest(product, 8);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(place => guest.PutItem(product, 1, $"Visita {place}")));
        var customer = (await shop.Customer()).Client;
        await Task.WhenAll(Enumerable.Range(0, 95).Select(place => customer.PutItem(product, 1, $"Conta {place}")));
        var cart = await (await customer.With(token).Get(Cart)).Body();
        Assert.Equal(100, cart.GetProperty("items").GetArrayLength());
        Assert.Equal(8, cart.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("notes").ValueKind == JsonValueKind.Null).GetProperty("quantity").GetInt32());
        Assert.Empty(await guest.Cart());
    }

    [Fact]
    public async Task A_guests_cart_joins_wherever_somebody_is_let_in_and_nowhere_else()
    {
        var product = await shop.Product(stock: 9, price: 100);
        var (email, password) = ($"{Guid.CreateVersion7():N}@exemplo.test", "pão de queijo às 7");
        var (guest, token) = await shop.NewGuest(product, 2);
        var session = await (await shop.CreateClient().With(token).Post("/api/v1/auth/register", new { name = "Ana", email, password })).Body(HttpStatusCode.Created);
        Assert.Equal([(product, 2)], await shop.CreateClient(session.Text("accessToken")!).Cart());
        Assert.Empty(await guest.Cart());

        await guest.PutItem(product, 6);
        await (await shop.CreateClient().With(token).Post("/api/v1/auth/login", new { email, password = "errada de propósito" })).Refusal(HttpStatusCode.Unauthorized, "invalid_credentials");
        Assert.Equal([(product, 6)], await guest.Cart());
        var signIns = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => shop.CreateClient().With(token).Post("/api/v1/auth/login", new { email, password })));
        foreach (var signIn in signIns)
            session = await signIn.Body();
        Assert.Equal([(product, 6)], await shop.CreateClient(session.Text("accessToken")!).Cart());
        Assert.Empty(await guest.Cart());
    }

    [Fact]
    public async Task A_cart_is_ordered_once_and_only_if_it_is_taken()
    {
        await shop.ChangeStore();
        var customer = (await shop.Customer()).Client;
        var (plenty, scarce) = (await shop.Product(stock: 100, price: 500), await shop.Product(stock: 1, price: 700));
        object order = new { cart = true, fulfillment = "pickup" };
        await (await customer.Post(Orders, order)).Refusal(HttpStatusCode.Conflict, "cart_empty");
        await (await customer.Post("/api/v1/quotes", order)).Refusal(HttpStatusCode.Conflict, "cart_empty");
        await (await shop.CreateClient().Post("/api/v1/quotes", order)).Refusal(HttpStatusCode.Conflict, "cart_empty");
        Assert.Equal(["items"], await (await customer.Post(Orders, new { fulfillment = "pickup" })).Wrong());
        Assert.Equal(["items"], await (await customer.Post(Orders, new { cart = true, items = Shop.Lines((plenty, 1)), fulfillment = "pickup" })).Wrong());

        await customer.PutItem(plenty, 2, "Bem passado");
        await customer.PutItem(scarce, 2);
        await (await customer.Post(Orders, order)).Refusal(HttpStatusCode.Conflict, "out_of_stock");
        Assert.Equal([(plenty, 2), (scarce, 2)], await customer.Cart());
        var refusal = Assert.Single((await (await customer.Post("/api/v1/quotes", order)).Body()).GetProperty("refusals").EnumerateArray());
        Assert.Equal(("out_of_stock", 1), (refusal.Text("code"), refusal.GetProperty("item").GetInt32()));

        await customer.PutItem(scarce, 1);
        var quote = await (await customer.Post("/api/v1/quotes", order)).Body();
        await using var other = await shop.StartBeside();
        var there = other.ClientFor(customer);
        var body = new { cart = true, fulfillment = "pickup", quoteId = quote.GetProperty("quoteId").GetGuid() };
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(call => (call % 2 == 0 ? customer : there).Post(Orders, body, key: $"order-{call}")));

        var placed = await responses.Single(response => response.StatusCode == HttpStatusCode.Created).Body(HttpStatusCode.Created);
        Assert.Equal(1700, placed.Amount("total"));
        Assert.Equal(["Bem passado", null], placed.GetProperty("items").EnumerateArray().Select(line => line.Text("notes")), StringComparer.Ordinal);
        foreach (var refused in responses.Where(response => response.StatusCode != HttpStatusCode.Created))
            await refused.Refusal(HttpStatusCode.Conflict, "cart_empty");
        Assert.Empty(await customer.Cart());
        Assert.Equal((98, 0), (await shop.StockOf(plenty), await shop.StockOf(scarce)));
    }

    [Fact]
    public async Task An_order_is_put_into_the_cart_again_as_far_as_there_is_any()
    {
        await shop.ChangeStore();
        var (customer, staff) = (await shop.Customer(), (await shop.Staff()).Client);
        var (sauced, soldOut, gone) = (await shop.Product(stock: 9, price: 1000), await shop.Product(stock: 1, price: 500), await shop.Product(stock: 9, price: 700));
        async Task<JsonElement> Sauces(params string[] names) => (await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{sauced}", new
        {
            optionGroups = new[] { new { name = "Molhos", min = 0, max = 3, free = 0, options = names.Select(name => new { name, price = Money(100) }) } },
        })).Body()).GetProperty("optionGroups")[0].GetProperty("options");
        var sauces = await Sauces("Alho", "Ervas");
        var order = await shop.Place(customer, new
        {
            items = new object[]
            {
                new { productId = sauced, quantity = 2, options = new[] { new { optionId = sauces[0].Id() }, new { optionId = sauces[1].Id() } }, notes = "Quente" },
                new { productId = soldOut, quantity = 1 },
                new { productId = gone, quantity = 1 },
            },
            fulfillment = "pickup",
        });
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{sauced}", new
        {
            optionGroups = new[] { new { name = "Molhos", min = 0, max = 3, free = 0, options = new[] { new { id = sauces[1].Id(), name = "Ervas", price = Money(100) } } } },
        })).Body();
        await staff.Send(HttpMethod.Delete, $"/api/v1/products/{gone}");
        await customer.Client.PutItem(soldOut, 3);

        var cart = default(JsonElement);
        for (var again = 0; again < 2; again++)
            cart = await (await customer.Client.Post($"{Orders}/{order.Id()}/reorder")).Body();

        Assert.Equal([(soldOut, 3), (sauced, 2)], GuestCalls.In(cart));
        Assert.Equal(["Ervas"], cart.GetProperty("items")[1].GetProperty("options").EnumerateArray().Select(option => option.Text("name")), StringComparer.Ordinal);
        Assert.Equal("Quente", cart.GetProperty("items")[1].Text("notes"));
        Assert.Equal("out_of_stock", cart.GetProperty("items")[0].GetProperty("trouble").Text("code"));
        Assert.Equal(
            [("option_gone", sauced, "Alho"), ("unknown_product", gone, null)],
            cart.GetProperty("left").EnumerateArray().Select(left => (left.Text("code"), left.GetProperty("productId").GetGuid(), left.Text("option"))));
        Assert.Equal(HttpStatusCode.NotFound, (await (await shop.Customer()).Client.Post($"{Orders}/{order.Id()}/reorder")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.Post($"{Orders}/{order.Id()}/reorder")).StatusCode);
    }

    private static object Money(long amount) => new { amount, currency = "BRL" };
}
