using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

/// <summary>How the tests of the catalog fill a shop and read what it shows.</summary>
internal static class Shop
{
    private static int _number;

    public static string NewName(string word = "Coxinha") => $"{word} {Interlocked.Increment(ref _number)}";

    public static async Task<HttpClient> Staff(this QuitandaApp app) => app.As(await app.Insert(Roles.Customer | Roles.Staff));

    public static async Task<HttpClient> Customer(this QuitandaApp app) => app.As(await app.Insert());

    /// <summary>Adds a category through the front door.</summary>
    public static async Task<JsonElement> AddCategory(this HttpClient staff, string? name = null) =>
        await (await staff.Post("/api/v1/categories", new { name = name ?? NewName("Prateleira") })).Body(HttpStatusCode.Created);

    /// <summary>Adds a product through the front door.</summary>
    public static async Task<JsonElement> AddProduct(
        this HttpClient staff, Guid categoryId, string? name = null, long amount = 990, int? stock = null, bool isAvailable = true, bool isFeatured = false, string description = "", string[]? tags = null) =>
        await (await staff.Post("/api/v1/products", new
        {
            name = name ?? NewName(),
            description,
            price = Price(amount),
            categoryId,
            stock,
            isAvailable,
            isFeatured,
            tags = tags ?? [],
        })).Body(HttpStatusCode.Created);

    public static object Price(long amount, string currency = "BRL") => new { amount, currency };

    public static Task<HttpResponseMessage> Patch(this HttpClient client, string path, object body) => client.Send(HttpMethod.Patch, path, body);

    public static Task<HttpResponseMessage> Put(this HttpClient client, string path, object body) => client.Send(HttpMethod.Put, path, body);

    public static Task<HttpResponseMessage> Delete(this HttpClient client, string path) => client.Send(HttpMethod.Delete, path);

    /// <summary>What this client sees of a product.</summary>
    public static async Task<JsonElement> Product(this HttpClient client, object idOrSlug) => await (await client.Get($"/api/v1/products/{idOrSlug}")).Body();

    /// <summary>The page of a list.</summary>
    public static async Task<JsonElement> Page(this HttpClient client, string path) => await (await client.Get($"/api/v1/{path}")).Body();

    public static List<string> Names(this JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("name"))];

    /// <summary>Asks as one who has read this version already.</summary>
    public static Task<HttpResponseMessage> GetUnless(this HttpClient client, string path, EntityTagHeaderValue known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(known);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Takes stock as Ordering does, and commits.</summary>
    public static Task<IReadOnlyList<TakenLine>> Take(this QuitandaApp app, params WantedLine[] lines) =>
        app.InScope(provider => provider.GetRequiredService<ICatalog>().TakeStock(lines, CancellationToken.None));

    /// <summary>Puts stock back as Ordering does, and commits.</summary>
    public static Task Return(this QuitandaApp app, params WantedLine[] lines) => app.InScope(async provider =>
    {
        await provider.GetRequiredService<ICatalog>().ReturnStock([.. lines.Select(line => new HeldLine(line))], CancellationToken.None);
        return true;
    });

    public static async Task<int?> StockOf(this HttpClient staff, Guid id) =>
        (await staff.Product(id)).GetProperty("stock") is { ValueKind: JsonValueKind.Number } stock ? stock.GetInt32() : null;

    /// <summary>Ends when one connection of this application's database waits for a lock that another holds.</summary>
    public static Task UntilOneWaits(this QuitandaApp app) => Eventually.Happens(
        async () => await app.Scalar<long>($"select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0, "A wait for a lock");
}
