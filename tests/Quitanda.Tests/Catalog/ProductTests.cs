using System.Net;
using System.Text.Json;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class ProductTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly string[] Cold = ["frio"];
    private static readonly string[] Untidy = [" mais-pedido ", "frango", "frango"];

    private static readonly object Serving = new
    {
        servingSize = "1 unidade (120 g)",
        calories = 300,
        protein = 11.6,
        carbohydrates = 32.5,
        fat = 13.8,
        sodium = 540,
        allergens = new[] { "gluten", "milk" },
    };

    [Fact]
    public async Task A_product_is_added_whole_and_read_by_id_and_slug()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var response = await staff.Post("/api/v1/products", new
        {
            name = "Coxinha de Frango à Paulista",
            description = "Massa macia.",
            price = Shop.Price(1099),
            categoryId = category.Id(),
            stock = 3,
            isFeatured = true,
            tags = Untidy,
            nutrition = Serving,
            metadata = new { sku = "COX-1", nota = "não congelar" },
        });
        var added = await response.Body(HttpStatusCode.Created);
        Assert.Equal($"/api/v1/products/{added.Id()}", response.Headers.Location!.OriginalString);
        Assert.Equal("coxinha-de-frango-a-paulista", added.Text("slug"));

        var byId = await app.Guest.Product(added.Id());
        Assert.Equal(byId.ToString(), (await app.Guest.Product("coxinha-de-frango-a-paulista")).ToString());
        Assert.Equal("Massa macia.", byId.Text("description"));
        Assert.Equal("""{"amount":1099,"currency":"BRL"}""", byId.GetProperty("price").ToString());
        Assert.Equal(category.Id(), byId.GetProperty("category").Id());
        Assert.Equal(category.Text("slug"), byId.GetProperty("category").Text("slug"));
        Assert.Equal("""["mais-pedido","frango"]""", byId.GetProperty("tags").ToString());
        Assert.True(byId.GetProperty("isAvailable").GetBoolean());
        Assert.True(byId.GetProperty("isFeatured").GetBoolean());
        Assert.Equal(JsonSerializer.Serialize(Serving), byId.GetProperty("nutrition").ToString());
        Assert.Equal("COX-1", byId.GetProperty("metadata").Text("sku"));
        Assert.Equal("não congelar", byId.GetProperty("metadata").Text("nota"));
        Assert.Equal(byId.Text("createdAt"), byId.Text("updatedAt"));
    }

    [Fact]
    public async Task Only_staff_see_the_stock_and_whether_a_sold_out_product_is_on_sale()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var counted = (await staff.AddProduct(category.Id(), stock: 0)).Id();
        var uncounted = (await staff.AddProduct(category.Id())).Id();

        foreach (var reader in new[] { app.Guest, await app.Customer() })
        {
            var product = await reader.Product(counted);
            Assert.False(product.GetProperty("isAvailable").GetBoolean());
            Assert.False(product.TryGetProperty("stock", out _));
            Assert.False(product.TryGetProperty("isOnSale", out _));
            var listed = (await reader.Page($"products?category={category.Text("slug")}")).GetProperty("data")[0];
            Assert.False(listed.TryGetProperty("stock", out _));
            Assert.False(listed.TryGetProperty("isOnSale", out _));
        }

        var seen = await staff.Product(counted);
        Assert.Equal(0, seen.GetProperty("stock").GetInt32());
        Assert.True(seen.GetProperty("isOnSale").GetBoolean());
        Assert.False(seen.GetProperty("isAvailable").GetBoolean());
        Assert.Equal(JsonValueKind.Null, (await staff.Product(uncounted)).GetProperty("stock").ValueKind);
        Assert.True((await staff.Page($"products?category={category.Text("slug")}")).GetProperty("data")[0].TryGetProperty("stock", out _));
        // A guest's kept answer is not what staff get, nor the other way round.
        Assert.False((await app.Guest.Product(counted)).TryGetProperty("stock", out _));
    }

    [Theory]
    [InlineData("Pão de Açúcar", "pao-de-acucar")]
    [InlineData("Straße  ÆRØ Łódź", "strasse-aero-lodz")]
    [InlineData("  -- 100% suco! -- ", "100-suco")]
    [InlineData("ﬁlé ① ﾊ", "file-1")]
    [InlineData("日本", "product")]
    [InlineData("\uFFFEEstranho", "estranho")]
    [InlineData("0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77", "product-0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77")]
    public async Task A_slug_is_the_name_in_plain_letters(string name, string slug)
    {
        var staff = await app.Staff();
        var product = await staff.AddProduct((await staff.AddCategory()).Id(), name);
        Assert.Equal(slug, product.Text("slug"));
        Assert.Equal(name, (await app.Guest.Product(slug)).Text("name"));
    }

    [Fact]
    public async Task Names_that_are_alike_are_numbered_in_turn_however_many_come_at_once()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        await staff.AddProduct(category, "Bolo de fubá cremoso");
        var count = Size.Of(20, 100);
        var slugs = await Task.WhenAll(Enumerable.Range(0, count).Select(async _ => (await staff.AddProduct(category, "Bolo de Fubá")).Text("slug")));
        Assert.Equal(
            Enumerable.Range(1, count).Select(number => number == 1 ? "bolo-de-fuba" : $"bolo-de-fuba-{number}").Order(StringComparer.Ordinal),
            slugs.Order(StringComparer.Ordinal));

        // A name that ends in a number is a name like any other.
        Assert.Equal("bolo-de-fuba-2-2", (await staff.AddProduct(category, "Bolo de fubá 2")).Text("slug"));
        Assert.Equal($"bolo-de-fuba-{count + 1}", (await staff.AddProduct(category, "Bolo de fubá")).Text("slug"));
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_clears()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var product = await (await staff.Post("/api/v1/products", new
        {
            name = "Suco de acerola",
            description = "Gelado.",
            price = Shop.Price(800),
            categoryId = category.Id(),
            stock = 5,
            tags = Cold,
            nutrition = Serving,
            metadata = new { a = "1" },
        })).Body(HttpStatusCode.Created);
        var path = $"/api/v1/products/{product.Id()}";
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        var repriced = await (await staff.Patch(path, new { price = Shop.Price(850) })).Body();
        Assert.Equal(850, repriced.GetProperty("price").GetProperty("amount").GetInt64());
        foreach (var same in (string[])["name", "description", "category", "stock", "tags", "nutrition", "metadata", "isAvailable", "isFeatured", "slug", "createdAt"])
            Assert.Equal(product.GetProperty(same).ToString(), repriced.GetProperty(same).ToString());
        Assert.NotEqual(product.Text("updatedAt"), repriced.Text("updatedAt"), StringComparer.Ordinal);

        var cleared = await (await staff.Patch(path, "{\"stock\":null,\"tags\":null,\"nutrition\":null,\"metadata\":null}")).Body();
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("stock").ValueKind);
        Assert.Equal("[]", cleared.GetProperty("tags").ToString());
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("nutrition").ValueKind);
        Assert.Equal("{}", cleared.GetProperty("metadata").ToString());

        var other = await staff.AddCategory();
        var changed = await (await staff.Patch(path, new { name = "Suco de caju", categoryId = other.Id(), isAvailable = false, isFeatured = true, stock = 9 })).Body();
        Assert.Equal(("Suco de caju", "suco-de-acerola", other.Text("name")), (changed.Text("name"), changed.Text("slug"), changed.GetProperty("category").Text("name")));
        Assert.Equal(9, changed.GetProperty("stock").GetInt32());
        Assert.False(changed.GetProperty("isOnSale").GetBoolean());
        Assert.Equal("Suco de caju", Assert.Single((await app.Guest.Page("products?search=caju")).Names()));
        Assert.Equal("Suco de caju", Assert.Single((await app.Guest.Page("products?search=gelado")).Names()));
        Assert.Empty((await app.Guest.Page("products?search=acerola")).Names());

        Assert.Equal(changed.GetProperty("name").ToString(), (await (await staff.Patch(path, new { })).Body()).Text("name"));
        await (await staff.Patch($"/api/v1/products/{Guid.CreateVersion7()}", new { stock = 1 })).Body(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"price":null}""", "price")]
    [InlineData("""{"price":{"amount":-1,"currency":"BRL"}}""", "price.amount")]
    [InlineData("""{"price":{"amount":100,"currency":"USD"}}""", "price.currency")]
    [InlineData("""{"price":{"amount":100,"currency":"XXX"}}""", "price.currency")]
    [InlineData("""{"price":{"amount":9.5,"currency":"BRL"}}""", "price.amount")]
    [InlineData("""{"stock":-1}""", "stock")]
    [InlineData("""{"stock":1000000001}""", "stock")]
    [InlineData("""{"isAvailable":null}""", "isAvailable")]
    [InlineData("""{"categoryId":"0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77"}""", "categoryId")]
    [InlineData("""{"tags":["a",""]}""", "tags")]
    [InlineData("""{"tags":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21"]}""", "tags")]
    [InlineData("""{"nutrition":{"servingSize":"1","calories":-1,"protein":1,"carbohydrates":1,"fat":1,"sodium":1,"allergens":[]}}""", "nutrition.calories")]
    [InlineData("""{"metadata":{"":"x"}}""", "metadata")]
    public async Task A_wrong_value_is_named_and_nothing_changes(string wrong, string field)
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var product = await staff.AddProduct(category, stock: 4);
        var path = $"/api/v1/products/{product.Id()}";

        var problem = await (await staff.Patch(path, wrong)).Body(HttpStatusCode.BadRequest);
        Assert.Equal("validation_failed", problem.Text("code"));
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        var unchanged = await staff.Product(product.Id());
        Assert.Equal(product.ToString(), unchanged.ToString());

        // The same value is refused of a new product.
        var whole = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            JsonSerializer.Serialize(new { name = "Quase", description = "", price = Shop.Price(1), categoryId = category }))!;
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(wrong)!)
            whole[name] = value;
        Assert.Equal("validation_failed", await (await staff.Post("/api/v1/products", whole)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.products where name = 'Quase'"));
    }

    [Fact]
    public async Task Nutrition_is_put_whole()
    {
        var staff = await app.Staff();
        var id = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        Assert.Equal(JsonSerializer.Serialize(Serving), (await (await staff.Put($"/api/v1/products/{id}/nutrition", Serving)).Body()).ToString());
        Assert.Equal(JsonSerializer.Serialize(Serving), (await app.Guest.Product(id)).GetProperty("nutrition").ToString());

        Assert.Equal("validation_failed", await (await staff.Put($"/api/v1/products/{id}/nutrition", new { servingSize = "1" })).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("not_found", await (await staff.Put($"/api/v1/products/{Guid.CreateVersion7()}/nutrition", Serving)).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Prices_change_all_or_none()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var ids = new List<Guid>();
        for (var at = 0; at < 3; at++)
            ids.Add((await staff.AddProduct(category, amount: 100)).Id());

        var done = await (await staff.Post("/api/v1/products/prices", new { updates = ids.Select((id, at) => new { id, price = Shop.Price(200 + at) }) })).Body();
        Assert.Equal(3, done.GetProperty("updated").GetInt32());
        for (var at = 0; at < 3; at++)
            Assert.Equal(200 + at, (await app.Guest.Product(ids[at])).GetProperty("price").GetProperty("amount").GetInt64());

        var stranger = Guid.CreateVersion7();
        var refused = await staff.Post("/api/v1/products/prices", new { updates = ids.Append(stranger).Select(id => new { id, price = Shop.Price(1) }) });
        var problem = await refused.Body(HttpStatusCode.Conflict);
        Assert.Equal("unknown_product", problem.Text("code"));
        Assert.Equal(stranger, Assert.Single(problem.GetProperty("products").EnumerateArray()).GetProperty("productId").GetGuid());

        var twice = await (await staff.Post("/api/v1/products/prices", new { updates = new[] { ids[0], ids[0] }.Select(id => new { id, price = Shop.Price(1) }) })).Body(HttpStatusCode.BadRequest);
        Assert.True(twice.GetProperty("errors").TryGetProperty("updates[1].id", out _));
        var foreign = await (await staff.Post("/api/v1/products/prices", new { updates = new[] { new { id = ids[0], price = Shop.Price(1, "EUR") } } })).Body(HttpStatusCode.BadRequest);
        Assert.True(foreign.GetProperty("errors").TryGetProperty("updates[0].price.currency", out _));
        await (await staff.Post("/api/v1/products/prices", new { updates = Array.Empty<object>() })).Body(HttpStatusCode.BadRequest);
        await (await staff.Post("/api/v1/products/prices", new { updates = Enumerable.Range(0, 501).Select(_ => new { id = Guid.CreateVersion7(), price = Shop.Price(1) }) })).Body(HttpStatusCode.BadRequest);

        Assert.Equal(200, (await app.Guest.Product(ids[0])).GetProperty("price").GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task A_product_nobody_ordered_is_deleted_and_an_ordered_one_archived_and_both_are_gone()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var (plain, ordered, uncounted) = (await staff.AddProduct(category.Id(), "Rissole"), await staff.AddProduct(category.Id(), "Quibe", stock: 5), await staff.AddProduct(category.Id(), "Esfirra"));
        await app.Take(new WantedLine(ordered.Id(), 1), new WantedLine(uncounted.Id(), 2));

        foreach (var product in new[] { plain, ordered, uncounted })
        {
            var path = $"/api/v1/products/{product.Id()}";
            await app.Guest.Product(product.Id());
            await (await staff.Delete(path)).Body(HttpStatusCode.NoContent);
            foreach (var reader in new[] { app.Guest, staff })
            {
                await (await reader.Get(path)).Body(HttpStatusCode.NotFound);
                await (await reader.Get($"/api/v1/products/{product.Text("slug")}")).Body(HttpStatusCode.NotFound);
                Assert.Empty((await reader.Page($"products?search={product.Text("name")}")).Names());
            }

            await (await staff.Delete(path)).Body(HttpStatusCode.NotFound);
            await (await staff.Patch(path, new { stock = 1 })).Body(HttpStatusCode.NotFound);
            await (await staff.Put($"{path}/nutrition", Serving)).Body(HttpStatusCode.NotFound);
            Assert.Equal("unknown_product", await (await staff.Post("/api/v1/products/prices", new { updates = new[] { new { id = product.Id(), price = Shop.Price(1) } } })).Refusal(HttpStatusCode.Conflict));
            var refused = await Assert.ThrowsAsync<RefusedException>(() => app.Take(new WantedLine(product.Id(), 1)));
            Assert.Equal("unknown_product", refused.Code);
        }

        Assert.Empty((await app.Guest.Page($"products?category={category.Text("slug")}")).Names());
        Assert.Equal(0, (await app.Guest.Page($"products?category={category.Text("slug")}")).GetProperty("meta").GetProperty("total").GetInt64());
        Assert.Equal(2, await app.Scalar<long>($"select count(*) from catalog.products where category_id = {category.Id()} and archived_at is not null"));
        // The name is free again.
        Assert.Equal("quibe", (await staff.AddProduct(category.Id(), "Quibe")).Text("slug"));
    }

    [Fact]
    public async Task Only_staff_may_change_products()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var product = await staff.AddProduct(category);
        var path = $"/api/v1/products/{product.Id()}";
        foreach (var (client, status) in new[] { (app.Guest, HttpStatusCode.Unauthorized), (await app.Customer(), HttpStatusCode.Forbidden) })
        {
            await (await client.Post("/api/v1/products", new { name = "Minha", description = "", price = Shop.Price(1), categoryId = category })).Body(status);
            await (await client.Post("/api/v1/products/prices", new { updates = new[] { new { id = product.Id(), price = Shop.Price(1) } } })).Body(status);
            await (await client.Patch(path, new { price = Shop.Price(1) })).Body(status);
            await (await client.Put($"{path}/nutrition", Serving)).Body(status);
            await (await client.Delete(path)).Body(status);
        }

        Assert.Equal(product.ToString(), (await staff.Product(product.Id())).ToString());
    }

    [Fact]
    public async Task One_key_adds_one_product()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        staff.DefaultRequestHeaders.Add("Idempotency-Key", "pamonha-1");
        var body = new { name = "Pamonha", description = "", price = Shop.Price(700), categoryId = category };
        var first = await (await staff.Post("/api/v1/products", body)).Body(HttpStatusCode.Created);
        var again = await staff.Post("/api/v1/products", body);
        Assert.Equal(first.ToString(), (await again.Body(HttpStatusCode.Created)).ToString());
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from catalog.products where name = 'Pamonha'"));
    }

    [Theory]
    [InlineData("nao-existe")]
    [InlineData("0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a78")]
    [InlineData("'; drop table catalog.products; --")]
    public async Task What_is_no_product_is_not_found(string idOrSlug) =>
        Assert.Equal("not_found", await (await app.Guest.Get($"/api/v1/products/{Uri.EscapeDataString(idOrSlug)}")).Refusal(HttpStatusCode.NotFound));
}
