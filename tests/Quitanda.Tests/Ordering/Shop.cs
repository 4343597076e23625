using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>A shop with customers, staff and goods, and how the tests of ordering talk to it.</summary>
public class Shop : QuitandaApp
{
    private static int _number;

    private readonly Lazy<Task<User>> _counter;
    private readonly Lazy<Task<Guid>> _category;

    public Shop(TestPostgres postgres) : base(postgres)
    {
        _counter = new(() => Insert(Roles.Customer | Roles.Staff));
        _category = new(async () => (await (await (await Counter()).Client.Post("/api/v1/categories", new { name = "Salgados" })).Body(HttpStatusCode.Created)).Id());
    }

    /// <summary>Somebody who is there and signed in.</summary>
    public sealed record Person(Guid Id, HttpClient Client);

    /// <summary>Another customer each time.</summary>
    public Task<Person> Customer() => Somebody(Roles.Customer);

    /// <summary>Another one of the staff each time.</summary>
    public Task<Person> Staff() => Somebody(Roles.Customer | Roles.Staff);

    /// <summary>An admin, another each time.</summary>
    public async Task<HttpClient> Admin() => (await Somebody(Roles.Customer | Roles.Admin)).Client;

    /// <summary>The same one of the staff each time, with a token of now: tests move the clock.</summary>
    private async Task<Person> Counter() => As(await _counter.Value);

    private async Task<Person> Somebody(Roles roles) => As(await Insert(roles));

    private Person As(User user) => new(user.Id, CreateClient(Services.GetRequiredService<AccessTokens>().Issue(user.Id, Guid.CreateVersion7(), user.Version)));

    private async Task<User> Insert(Roles roles)
    {
        var user = new User { Email = $"freguesa{Interlocked.Increment(ref _number)}@exemplo.test", Name = "Freguesa", Roles = roles, CreatedAt = Clock.GetUtcNow() };
        await WithDb(db =>
        {
            db.Add(user);
            return Task.FromResult(true);
        });
        return user;
    }

    /// <summary>A store for one test class that is as the demo's, with what the test says instead.</summary>
    public async Task ChangeStore(object[]? openingHours = null, string timeZone = "America/Sao_Paulo", long fee = 600, long? minimumOrder = null, bool acceptingOrders = true)
    {
        var store = new
        {
            name = "Vai Coxinha",
            currency = "BRL",
            timeZone,
            openingHours = openingHours ?? Always,
            deliveryZones = new[] { new { fee = new { amount = fee, currency = "BRL" }, minimumOrder = minimumOrder is { } least ? new { amount = least, currency = "BRL" } : null } },
            acceptingOrders,
        };
        await (await (await Staff()).Client.Send(HttpMethod.Put, "/api/v1/store", store)).Body();
    }

    private static object[] Always => [.. Enum.GetValues<DayOfWeek>().Select(day => new { day = day.Name(), opens = "00:00", closes = "24:00" })];

    public static object Address(string? complement = null) => new
    {
        street = "Rua da Quitanda",
        number = "12-A",
        complement,
        neighborhood = "Centro",
        city = "São Paulo",
        state = "SP",
        postalCode = "01012-010",
        country = "BR",
    };

    public static object Lines(params (Guid Product, int Quantity)[] lines) => lines.Select(line => new { productId = line.Product, quantity = line.Quantity }).ToArray();

    public static object Pickup(params (Guid Product, int Quantity)[] lines) => new { items = Lines(lines), fulfillment = "pickup" };

    /// <summary>A new product on sale.</summary>
    public async Task<Guid> Product(int stock, long price) => (await (await (await Counter()).Client.Post("/api/v1/products", new
    {
        name = "Coxinha",
        description = "De frango",
        price = new { amount = price, currency = "BRL" },
        categoryId = await _category.Value,
        stock,
    })).Body(HttpStatusCode.Created)).Id();

    /// <summary>How many of a product are left, as staff see it.</summary>
    public async Task<int> StockOf(Guid product) => (await (await (await Counter()).Client.Get($"/api/v1/products/{product}")).Body()).GetProperty("stock").GetInt32();

    /// <summary>Places an order that must be taken.</summary>
    public async Task<JsonElement> Place(Person customer, object order) =>
        await (await customer.Client.Send(HttpMethod.Post, "/api/v1/orders", order)).Body(HttpStatusCode.Created);

    /// <summary>A plain order of one new product, taken.</summary>
    public async Task<JsonElement> Place(Person customer, string fulfillment = "pickup", string paymentMethod = "manual", long price = 1000)
    {
        var product = await Product(stock: 10, price);
        return await Place(customer, new { items = Lines((product, 2)), fulfillment, paymentMethod, address = fulfillment == "delivery" ? Address() : null });
    }
}

/// <summary>How tests ask, and what they hold answers to.</summary>
public static class Answers
{
    public static Task<HttpResponseMessage> Get(this HttpClient client, string path) => client.Send(HttpMethod.Get, path);

    public static Task<HttpResponseMessage> Post(this HttpClient client, string path, object? body = null, string? key = null) => client.Send(HttpMethod.Post, path, body, key);

    public static Task<HttpResponseMessage> Send(this HttpClient client, HttpMethod method, string path, object? body = null, string? key = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = body is string text ? new StringContent(text, System.Text.Encoding.UTF8, "application/json") : JsonContent.Create(body);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The body of an answer that must have this status.</summary>
    public static async Task<JsonElement> Body(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} instead of {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>The problem of an answer that must have this status and code.</summary>
    public static async Task<JsonElement> Refusal(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.Body(status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.Text("code"));
        return problem;
    }

    /// <summary>The fields that a 400 names.</summary>
    public static async Task<string[]> Wrong(this HttpResponseMessage response) =>
        [.. (await response.Refusal(HttpStatusCode.BadRequest, "validation_failed")).GetProperty("errors").EnumerateObject().Select(field => field.Name)];

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();

    public static Guid Id(this JsonElement element) => element.GetProperty("id").GetGuid();

    public static long Amount(this JsonElement element, string name) => element.GetProperty(name).GetProperty("amount").GetInt64();
}
