using System.Net;
using System.Text.Json;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests;

/// <summary>A client's own notes on users, products, orders, payments and listings: kept, returned as given, changed whole, and bounded.</summary>
public sealed class MetadataTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly Dictionary<string, string> Notes = new(StringComparer.Ordinal) { ["zona"] = "norte", ["a"] = "", ["mesa 7"] = "ação ☕ \"x\"", ["é"] = "1" };

    [Theory]
    [InlineData("users")]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("payments")]
    [InlineData("listings")]
    public async Task It_is_taken_with_what_is_made_and_changed_whole(string kind)
    {
        var things = await Things.Make(app);
        var (client, path, made) = await Make(things, kind, Notes);
        Same(Notes, made);
        Same(Notes, await (await client.Get(path)).Body());

        Same(Notes, await (await client.Send(HttpMethod.Patch, path, "{}")).Body());
        var other = new Dictionary<string, string>(StringComparer.Ordinal) { ["só"] = "esta" };
        Same(other, await (await client.Send(HttpMethod.Patch, path, JsonSerializer.Serialize(new { metadata = other }))).Body());
        Same([], await (await client.Send(HttpMethod.Patch, path, """{"metadata":null}""")).Body());
        Same([], await (await client.Get(path)).Body());
    }

    [Theory]
    [InlineData("users")]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("payments")]
    [InlineData("listings")]
    public async Task It_has_20_pairs_of_40_and_500_characters_at_the_most(string kind)
    {
        var things = await Things.Make(app);
        var most = Enumerable.Range(0, 20).ToDictionary(number => $"{number:D2}{new string('k', 38)}", _ => new string('é', 500), StringComparer.Ordinal);
        var (client, path, made) = await Make(things, kind, most);
        Same(most, made);

        foreach (var bad in (object[])[
            Enumerable.Range(0, 21).ToDictionary(number => $"{number}", _ => "x", StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal) { [new string('k', 41)] = "x" },
            new Dictionary<string, string>(StringComparer.Ordinal) { [""] = "x" },
            new Dictionary<string, string>(StringComparer.Ordinal) { ["k"] = new string('x', 501) },
            new { k = 1 }, new { k = (string?)null }, new { k = new { deep = "x" } }, "text", (int[])[1]])
            Assert.Equal("validation_failed", await (await client.Send(HttpMethod.Patch, path, JsonSerializer.Serialize(new { metadata = bad }))).Refusal(HttpStatusCode.BadRequest));
        Same(most, await (await client.Get(path)).Body());
    }

    [Fact]
    public async Task Staff_may_note_on_a_customers_order_which_the_log_knows_and_a_stranger_may_not()
    {
        var things = await Things.Make(app);
        foreach (var kind in (string[])["orders", "payments"])
        {
            var path = things.PathOf($"/api/v1/{kind}/{{}}")!.Value.Path;
            Same(Notes, await (await app.As(await app.Insert(Roles.Staff)).Send(HttpMethod.Patch, path, JsonSerializer.Serialize(new { metadata = Notes }))).Body());
            Assert.Equal("not_found", await (await app.As(await app.Insert()).Send(HttpMethod.Patch, path, """{"metadata":{"mine":"no"}}""")).Refusal(HttpStatusCode.NotFound));
            Same(Notes, await (await things.Client.Get(path)).Body());
            var log = await (await things.Admin.Get($"/api/v1/audit-log?resource={kind}/{path[^36..]}&person={things.Owner.Id}")).Body();
            Assert.StartsWith("Change", log.GetProperty("data")[0].Text("action"), StringComparison.Ordinal);
            Same(Notes, log.GetProperty("data")[0].GetProperty("after"));
        }
    }

    private async Task<(HttpClient Client, string Path, JsonElement Made)> Make(Things things, string kind, Dictionary<string, string> metadata)
    {
        if (kind == "users")
        {
            var signedUp = await (await app.Guest.Post("/api/v1/auth/register", new { name = "Ana", email = People.NewEmail(), password = People.Password, metadata })).Body(HttpStatusCode.Created);
            return (app.CreateClient(signedUp.Text("accessToken")), "/api/v1/users/me", signedUp.GetProperty("user"));
        }

        var category = things.PathOf("/api/v1/categories/{}")!.Value.Path[^36..];
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path[^36..];
        var (client, body) = kind switch
        {
            "products" => (things.Admin, (object)new { name = Shop.NewName(), description = "", price = Shop.Price(100), categoryId = category, metadata }),
            "orders" => (things.Client, NewOrder(product, metadata)),
            "listings" => (things.Admin, Offers.Offer(await app.AddListingCategory(), ("metadata", metadata))),
            _ => (things.Client, new { provider = "sandbox", orderId = (await (await things.Client.Post("/api/v1/orders", NewOrder(product, []))).Body(HttpStatusCode.Created)).Id(), metadata }),
        };
        var made = await (await client.Post($"/api/v1/{kind}", body)).Body(HttpStatusCode.Created);
        return (client, $"/api/v1/{kind}/{made.Id()}", made);
    }

    private static object NewOrder(string product, Dictionary<string, string> metadata) => new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", metadata };

    private static void Same(Dictionary<string, string> expected, JsonElement resource) =>
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            resource.GetProperty("metadata").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!, StringComparer.Ordinal).OrderBy(pair => pair.Key, StringComparer.Ordinal));
}
