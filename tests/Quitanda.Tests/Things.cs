using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;
using Quitanda.Tests.Notifications;
using Quitanda.Tests.Reviews;

namespace Quitanda.Tests;

/// <summary>One of everything that can be read by itself, and who reads it, for the tests that go through all routes.</summary>
internal sealed class Things
{
    /// <summary>What belongs to whoever calls, who changes it without any office.</summary>
    private static readonly string[] OwnPaths = ["/api/v1/users/me", "/api/v1/auth/sessions/", "/api/v1/api-keys", "/api/v1/auth/passkeys", "/api/v1/auth/totp", "/api/v1/cart", "/api/v1/reviews/", "/api/v1/baskets/", "/api/v1/waitlist/", "/api/v1/comments/", "/api/v1/notifications", "/api/v1/push-subscriptions"];

    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <summary>What has an id and is read only with the whole that it is a part of.</summary>
    private readonly Dictionary<string, (string Path, string Thing)> _parts = new(StringComparer.Ordinal);

    private Things(QuitandaApp app, User owner, User admin) => (App, Owner, Client, Admin, AdminUser) = (app, owner, app.As(owner), app.As(admin), admin);

    public QuitandaApp App { get; }

    public User Owner { get; }

    public User AdminUser { get; }

    /// <summary>The customer whose things they are.</summary>
    public HttpClient Client { get; }

    /// <summary>One who may do everything.</summary>
    public HttpClient Admin { get; }

    public static async Task<Things> Make(QuitandaApp app)
    {
        var things = new Things(app, await app.Insert(), await app.Insert(Roles.Customer | Roles.Admin));
        var (client, admin) = (things.Client, things.Admin);
        var category = (await admin.AddCategory()).Id();
        var product = (await admin.AddProduct(category, stock: 50)).Id();
        var order = (await (await client.Post("/api/v1/orders", new { items = new[] { new { productId = product, quantity = 2 } }, fulfillment = "pickup", metadata = new { table = "7", b = "1" } })).Body(HttpStatusCode.Created)).Id();
        var payment = (await (await client.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        var refund = (await (await admin.Post($"/api/v1/payments/{payment}/refunds", new { amount = Shop.Price(100), reason = "Faltou um." })).Body(HttpStatusCode.Created)).Id();
        var address = (await (await client.Post("/api/v1/users/me/addresses", NewAddress())).Body(HttpStatusCode.Created)).Id();

        // By hand, since making one concerns the safety of an account, and so is in the audit log.
        var key = Guid.CreateVersion7();
        await app.Execute($"""
            insert into accounts.api_keys (id, user_id, name, prefix, hash, scopes, created_at)
            values ({key}, {things.Owner.Id}, 'Caixa', 'qk_testetes', sha256({key.ToByteArray()}), array['orders:read'], {app.Clock.GetUtcNow()})
            """);
        var file = (await client.Uploaded(Samples.Png())).Id();
        var error = Guid.CreateVersion7(app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into platform.errors (id, fingerprint, type, source, use_case, message, stack, count, first_seen_at, last_seen_at)
            values ({error}, {error.ToString("N")}, 'E', 'request', 'PlaceOrder', 'm', 's', 1, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()})
            """);
        await app.Execute($"insert into platform.jobs (kind, payload, state, run_at, attempts) values ('test.nobody-takes-it', 'null', 'dead', {app.Clock.GetUtcNow()}, 12)");
        var job = (await (await admin.Get("/api/v1/jobs?kind=test.nobody-takes-it&state=dead")).Body()).GetProperty("data")[0].Id();

        things._paths["/api/v1/api-keys/{}"] = $"/api/v1/api-keys/{key}";
        things._paths["/api/v1/auth/passkeys/{}"] = $"/api/v1/auth/passkeys/{await app.InsertPasskey(things.Owner.Id)}";
        things._paths["/api/v1/auth/totp"] = "/api/v1/auth/totp";
        things._paths["/api/v1/files/{}"] = $"/api/v1/files/{file}";
        things._paths["/api/v1/errors/{}"] = $"/api/v1/errors/{error}";
        things._paths["/api/v1/jobs/{}"] = $"/api/v1/jobs/{job}";
        things._paths["/api/v1/job-kinds/{}"] = "/api/v1/job-kinds/platform.forget-errors";
        things._paths["/api/v1/users/me"] = "/api/v1/users/me";
        things._paths["/api/v1/users/me/addresses/{}"] = $"/api/v1/users/me/addresses/{address}";
        things._paths["/api/v1/users/me/profile"] = "/api/v1/users/me/profile";
        things._paths["/api/v1/auth/sessions/{}"] = $"/api/v1/auth/sessions/{await app.InsertSession(things.Owner)}";
        things._paths["/api/v1/users/stats"] = "/api/v1/users/stats";
        things._paths["/api/v1/users/{}"] = $"/api/v1/users/{things.Owner.Id}";
        things._paths["/api/v1/store"] = "/api/v1/store";
        things._paths["/api/v1/store/times"] = "/api/v1/store/times";
        things._paths["/api/v1/store/slots"] = "/api/v1/store/slots?fulfillment=pickup";
        things._paths["/api/v1/store/delivery"] = "/api/v1/store/delivery?postalCode=01012-010";
        things._paths["/api/v1/categories/{}"] = $"/api/v1/categories/{category}";
        things._paths["/api/v1/products/{}"] = $"/api/v1/products/{product}";
        // In a category of its own, so that the other can be deleted after its product.
        var sized = await (await admin.Post("/api/v1/products", new
        {
            name = Shop.NewName(),
            description = "",
            price = Shop.Price(900),
            categoryId = (await admin.AddCategory()).Id(),
            optionGroups = new[] { new { name = "Tamanho", min = 0, max = 1, options = new[] { new { name = "Grande", price = Shop.Price(300) } } } },
        })).Body(HttpStatusCode.Created);
        things._paths["/api/v1/products/{}/options/{}"] = $"/api/v1/products/{sized.Id()}/options/{sized.GetProperty("optionGroups")[0].GetProperty("options")[0].Id()}";
        var import = Guid.CreateVersion7();
        await app.Execute($"""
            insert into catalog.imports (id, state, columns, rows_read, bad_rows, errors, created_by, created_at, updated_at)
            values ({import}, 'waiting', array['name'], 1, 0, '[]', {things.AdminUser.Id}, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()})
            """);
        things._paths["/api/v1/products/imports/{}"] = $"/api/v1/products/imports/{import}";
        things._paths["/api/v1/reviews/{}"] = $"/api/v1/reviews/{await app.InsertReview(product, things.Owner.Id)}";
        foreach (var path in (string[])["/api/v1/orders/queue", "/api/v1/reports/sales", "/api/v1/reports/cancellations"])
            things._paths[path] = path;
        things._paths["/api/v1/orders/{}"] = $"/api/v1/orders/{order}";
        // Another product: of the first one the tests count what is left.
        var another = (await admin.AddProduct((await admin.AddCategory()).Id())).Id();
        var groups = (await (await admin.Send(HttpMethod.Patch, $"/api/v1/products/{another}", new
        {
            optionGroups = new[] { new { name = "Molhos", min = 0, max = 1, options = new[] { new { name = "Alho", price = Shop.Price(100) } } } },
        })).Body()).GetProperty("optionGroups");
        things._paths["/api/v1/products/{}/options/{}"] = $"/api/v1/products/{another}/options/{groups[0].GetProperty("options")[0].Id()}";
        var coupon = (await (await admin.Post("/api/v1/coupons", new { code = $"OLA-{Guid.CreateVersion7():N}".ToUpperInvariant(), percent = 10 })).Body(HttpStatusCode.Created)).Id();
        things._paths["/api/v1/coupons/{}"] = $"/api/v1/coupons/{coupon}";
        var item = (await (await client.Send(HttpMethod.Put, "/api/v1/cart/items", new { productId = another, quantity = 2 })).Body()).GetProperty("items")[0].Id();
        things._paths["/api/v1/cart"] = "/api/v1/cart";
        things._parts["/api/v1/cart/items/{}"] = ($"/api/v1/cart/items/{item}", "/api/v1/cart");
        var guests = await (await app.CreateClient().Post("/api/v1/orders", new { items = new[] { new { productId = another, quantity = 1 } }, fulfillment = "pickup", contact = new { name = "Bia", phone = "+5511987654321" } })).Body(HttpStatusCode.Created);
        things._paths["/api/v1/orders/followed/{}"] = $"/api/v1/orders/followed/{guests.GetProperty("followToken").GetString()}";
        things._paths["/api/v1/payments/{}"] = $"/api/v1/payments/{payment}";
        things._paths["/api/v1/payments/{}/refunds/{}"] = $"/api/v1/payments/{payment}/refunds/{refund}";
        var told = Guid.CreateVersion7();
        await app.Execute($"""
            insert into payments.webhook_events (id, provider, event_id, type, subject, payment_id, body, state, received_at)
            values ({told}, 'sandbox', {told.ToString("N")}, 'charge.succeeded', 'sandbox_1', {payment}, convert_to('Ana', 'UTF8'), 'handled', {app.Clock.GetUtcNow()})
            """);
        var basket = (await (await client.Post("/api/v1/baskets", new { goods = new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup" } })).Body(HttpStatusCode.Created)).Id();
        things._paths["/api/v1/baskets/{}"] = $"/api/v1/baskets/{basket}";
        things._paths["/api/v1/baskets/{}/items"] = $"/api/v1/baskets/{basket}/items";
        var booking = (await client.Booked(await app.Listing(things.AdminUser.Id), DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(9), DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(9))).Id();
        things._paths["/api/v1/bookings/{}"] = $"/api/v1/bookings/{booking}";
        // Earned by hand: else days would have to pass.
        await app.Execute($"insert into booking.earnings (id, owner_id, booking_id, amount, currency, created_at) values ({Guid.CreateVersion7()}, {things.AdminUser.Id}, {booking}, 100, 'BRL', {app.Clock.GetUtcNow()})");
        var batch = await (await admin.Post("/api/v1/payout-batches", new { })).Body(HttpStatusCode.Created);
        things._paths["/api/v1/payout-batches/{}"] = $"/api/v1/payout-batches/{batch.Id()}";
        things._paths["/api/v1/payouts/{}"] = $"/api/v1/payouts/{batch.GetProperty("payouts")[0].Id()}";
        things._paths["/api/v1/earnings/mine/summary"] = "/api/v1/earnings/mine/summary";
        things._paths["/api/v1/simulator/payments/{}"] = $"/api/v1/simulator/payments/{payment}";
        things._paths["/api/v1/sandbox/payments/{}"] = $"/api/v1/sandbox/payments/{payment}";
        things._paths["/api/v1/simulator/providers/{}"] = "/api/v1/simulator/providers/stripe";
        things._paths["/api/v1/webhook-events/{}"] = $"/api/v1/webhook-events/{told}";
        var hook = await (await admin.Post("/api/v1/webhook-endpoints", new { url = "https://localhost/quitanda", events = "webhook.test".Split(' ') })).Body(HttpStatusCode.Created);
        things._paths["/api/v1/webhook-endpoints/{}"] = $"/api/v1/webhook-endpoints/{hook.Id()}";
        things._paths["/api/v1/webhook-deliveries/{}"] = $"/api/v1/webhook-deliveries/{(await (await admin.Post($"/api/v1/webhook-endpoints/{hook.Id()}/test")).Body(HttpStatusCode.Accepted)).Id()}";
        things._paths["/api/v1/ledger/accounts"] = "/api/v1/ledger/accounts";
        await app.Execute($"""
            insert into payments.drift_runs (id, day, window_from, window_until, started_at, finished_at)
            values ({Guid.CreateVersion7()}, '2026-03-04', {app.Clock.GetUtcNow().AddDays(-3)}, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()})
            """);
        things._paths["/api/v1/reports/drift"] = "/api/v1/reports/drift";
        things._paths["/api/v1/listing-categories"] = "/api/v1/listing-categories";
        things._paths["/api/v1/listing-categories/{}"] = $"/api/v1/listing-categories/{await app.AddListingCategory()}";
        var listing = (await admin.AddListing(await app.AddListingCategory(), ("location", new { city = "Recife", address = "Rua das Flores, 12" }))).Id();
        things._paths["/api/v1/listings/{}"] = $"/api/v1/listings/{listing}";
        things._paths["/api/v1/listings/{}/availability"] = $"/api/v1/listings/{listing}/availability";
        var block = (await (await admin.Close(listing, "2027-04-01", "2027-04-02")).Body(HttpStatusCode.Created)).Id();
        things._parts["/api/v1/listings/{}/blocks/{}"] = ($"/api/v1/listings/{listing}/blocks/{block}", $"/api/v1/listings/{listing}");
        things._paths["/api/v1/waitlist/{}"] = $"/api/v1/waitlist/{await app.InsertWait(things.Owner.Id)}";
        var feed = Guid.CreateVersion7();
        await app.Execute($"""
            insert into booking.feeds (id, listing_id, name, url, due_at, created_at, updated_at)
            values ({feed}, {listing}, 'Praia', 'https://calendars.example.com/praia.ics', {app.Clock.GetUtcNow().AddDays(1)}, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()})
            """);
        await app.Execute($"insert into booking.calendar_links (listing_id, token_hash, created_at) values ({listing}, sha256({feed.ToByteArray()}), {app.Clock.GetUtcNow()})");
        things._paths["/api/v1/listings/{}/calendar-link"] = $"/api/v1/listings/{listing}/calendar-link";
        things._paths["/api/v1/listings/{}/feeds/{}"] = $"/api/v1/listings/{listing}/feeds/{feed}";
        var post = (await (await client.Post("/api/v1/posts", new { title = Shop.NewName("Receita"), content = "Primeiro.", tags = new[] { Shop.NewName("Receitas") } })).Body(HttpStatusCode.Created)).Id();
        var published = await (await client.Post($"/api/v1/posts/{post}/publish")).Body();
        await (await client.Patch($"/api/v1/posts/{post}", new { content = "Segundo." })).Body();
        things._paths["/api/v1/posts/{}"] = $"/api/v1/posts/{post}";
        things._paths["/api/v1/posts/{}/revisions/{}"] = $"/api/v1/posts/{post}/revisions/{(await (await client.Get($"/api/v1/posts/{post}/revisions")).Body()).GetProperty("data")[0].Id()}";
        things._paths["/api/v1/tags/{}"] = $"/api/v1/tags/{(await (await client.Get($"/api/v1/tags/{published.GetProperty("tags")[0].Text("slug")}")).Body()).Id()}";
        things._paths["/api/v1/comments/{}"] = $"/api/v1/comments/{(await (await client.Post($"/api/v1/posts/{post}/comments", new { content = "Boa!" })).Body(HttpStatusCode.Created)).Id()}";
        Assert.Equal(HttpStatusCode.NoContent, (await admin.Post($"/api/v1/posts/{post}/report", new { reason = "Plágio." })).StatusCode);
        things._paths["/api/v1/content-reports/{}"] = $"/api/v1/content-reports/{await app.Scalar<Guid>($"select id from content.reports where post_id = {post}")}";
        var notice = await app.InsertNotice(things.Owner.Id);
        things._paths["/api/v1/notifications/{}"] = $"/api/v1/notifications/{notice}";
        foreach (var path in (string[])["/api/v1/notifications/unread", "/api/v1/notifications/preferences", "/api/v1/push-key"])
            things._paths[path] = path;
        things._paths["/api/v1/notifications/unsubscribe/{}"] = $"/api/v1/notifications/unsubscribe/{await app.InsertMailed(things.Owner.Id)}";
        things._paths["/api/v1/push-subscriptions/{}"] = $"/api/v1/push-subscriptions/{await app.InsertSubscription(things.Owner.Id)}";
        return things;
    }

    public static object NewAddress() => new
    {
        label = "Casa",
        street = "Rua das Flores",
        number = "12",
        neighborhood = "Centro",
        city = "Recife",
        state = "PE",
        postalCode = "50000-000",
        country = "BR",
        isDefault = true,
    };

    public static object Store(string name = "Vai Coxinha") => new
    {
        name,
        currency = "BRL",
        timeZone = "America/Recife",
        openingHours = Enum.GetValues<DayOfWeek>().Select(day => new { day = day.Name(), opens = "00:00", closes = "24:00" }),
        deliveryZones = new[] { new { fee = Shop.Price(600) } },
        acceptingOrders = true,
    };

    /// <summary>Every route of the API that is a module's or Platform's own.</summary>
    public static IEnumerable<(string Method, string Pattern, RouteEndpoint Endpoint)> Routes(QuitandaApp app) =>
        from endpoint in app.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + Regex.Replace(endpoint.RoutePattern.RawText!.Trim('/'), "\\{[^}]+\\}", "{}", RegexOptions.None, Eventually.Patience)
        where pattern.StartsWith("/api/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select (method, pattern, endpoint);

    /// <summary>A path of this pattern about one of these things: the thing itself, or what goes on below it; null where there is none.</summary>
    public (string Path, string Thing)? PathOf(string pattern)
    {
        if (_parts.TryGetValue(pattern, out var part))
            return part;
        var known = _paths.Keys.Where(prefix => pattern == prefix || pattern.StartsWith(prefix + "/", StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
        return known is null ? null : (_paths[known] + pattern[known.Length..], _paths[known]);
    }

    /// <summary>Who writes there: one's own things oneself, everything else an admin.</summary>
    public HttpClient WriterOf(string path) =>
        OwnPaths.Any(own => path.StartsWith(own, StringComparison.Ordinal)) ? Client : Admin;

    /// <summary>The body that the API's document gives as an example; null for a route without one.</summary>
    public async Task<string?> ExampleFor(string method, string pattern) =>
        (await DocumentedAnswers.ContractOf(App.Services)).Find(method, pattern.Replace("{}", "x", StringComparison.Ordinal))!.Json.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().First().Value.GetProperty("example").GetRawText()
            : null;
}

/// <summary>Requests with conditions, and what they are answered.</summary>
internal static class Conditions
{
    public static Task<HttpResponseMessage> Send(this HttpClient client, HttpMethod method, string path, string? json, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends an object if the resource is still of this version.</summary>
    public static Task<HttpResponseMessage> SendIf(this HttpClient client, HttpMethod method, string path, string tag, object? body = null) =>
        client.Send(method, path, body is null ? null : JsonSerializer.Serialize(body), ("If-Match", tag));

    public static string? Tag(this HttpResponseMessage response) => response.Headers.TryGetValues("ETag", out var tags) ? Assert.Single(tags) : null;

    /// <summary>The tag that a read gives this client now.</summary>
    public static async Task<string> TagOf(this HttpClient client, string path)
    {
        var response = await client.Get(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Tag()!;
    }
}
