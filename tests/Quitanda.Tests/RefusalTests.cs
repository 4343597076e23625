using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Files;
using Quitanda.Tests.Notifications;
using Quitanda.Tests.Reviews;

namespace Quitanda.Tests;

/// <summary>What every route refuses. Routes are discovered, so a new one is covered at birth.</summary>
public sealed class RefusalTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task No_route_that_asks_for_a_caller_answers_without_one()
    {
        foreach (var (method, path, _) in Routes(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            var response = await Send(app.Guest, method, path, "{}");
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} answered a guest {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task No_route_for_certain_roles_answers_a_customer()
    {
        var customer = app.As(await app.Insert());
        var routes = Routes(route => route.Metadata.GetMetadata<RolesRequirement>() is not null).ToList();

        Assert.True(routes.Count > 15);
        foreach (var (method, path, _) in routes)
        {
            var response = await Send(customer, method, path, "{}");
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} answered a customer {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task No_route_that_needs_a_body_takes_none()
    {
        var admin = app.As(await app.Insert(Roles.Admin | Roles.Customer));
        var routes = Routes(route => route.Metadata.GetMetadata<IAcceptsMetadata>() is { IsOptional: false }).ToList();

        Assert.True(routes.Count > 10);
        foreach (var (method, path, _) in routes)
            foreach (var body in (string?[])[null, ""])
            {
                var response = await Send(admin, method, path, body);
                Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{method} {path} answered an empty body {(int)response.StatusCode}");
            }
    }

    [Fact]
    public async Task Another_users_things_are_not_there_on_any_route_that_names_one()
    {
        var owner = await app.Insert();
        var things = await ThingsOf(owner);
        var guest = app.CreateClient();
        guest.DefaultRequestHeaders.Add("X-Cart-Token", app.Services.GetRequiredService<Guests>().TokenOf(Guid.CreateVersion7()));
        await AreNotThereFor(app.As(await app.Insert()), things, _ => true);
        await AreNotThereFor(guest, things, route => route.Metadata.GetMetadata<TakesGuests>() is not null);

        // The owner still has everything: the strangers changed nothing on the way.
        foreach (var (prefix, id) in things.Where(thing => thing.Key is "/api/v1/orders/" or "/api/v1/payments/" or "/api/v1/bookings/"))
            Assert.Equal("pending", (await (await app.As(owner).Get($"{prefix}{id}")).Body()).GetProperty("status").GetString());
    }

    private async Task AreNotThereFor(HttpClient stranger, Dictionary<string, Guid> things, Func<RouteEndpoint, bool> which)
    {
        // Routes that any signed-in caller may ask, about a thing that somebody owns.
        var routes = Routes(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null && route.Metadata.GetMetadata<RolesRequirement>() is null && route.RoutePattern.Parameters.Count > 0 && which(route)).ToList();

        Assert.True(routes.Count >= 6);
        foreach (var (method, path, pattern) in routes)
        {
            var kind = things.Keys.Where(prefix => pattern.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
            Assert.True(kind is not null, $"{pattern} names somebody's thing; say here how one is made, so that a stranger can ask for it.");
            var body = pattern.EndsWith("/delay", StringComparison.Ordinal) ? """{"seconds": 1, "outcome": "succeed"}"""
                : pattern.EndsWith("/messages", StringComparison.Ordinal) ? """{"text": "Oi"}"""
                : pattern.EndsWith("/claim", StringComparison.Ordinal) ? """{"amount": {"amount": 1, "currency": "BRL"}, "reason": "x"}"""
                : pattern is "/api/v1/products/{id:guid}/reviews" or "/api/v1/listings/{id:guid}/reviews" or "/api/v1/bookings/{id:guid}/review" ? """{"rating": 5}"""
                : pattern == "/api/v1/posts/{id:guid}/comments" ? """{"content": "Oi"}"""
                : pattern.EndsWith("/report", StringComparison.Ordinal) ? """{"reason": "Ofende."}"""
                : pattern == "/api/v1/reviews/{id:guid}/reply" ? """{"text": "Obrigada."}"""
                : pattern.StartsWith("/api/v1/simulator/payments", StringComparison.Ordinal) ? """{"do": "succeed"}""" : "{}";

            var response = await Send(stranger, method, path.Replace(Guid.Empty.ToString(), things[kind].ToString(), StringComparison.Ordinal), body);

            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{method} {path} answered a stranger {(int)response.StatusCode}");
        }

        var payment = await Send(stranger, "POST", "/api/v1/payments", JsonSerializer.Serialize(new { orderId = things["/api/v1/orders/"], provider = "sandbox" }));
        Assert.Equal(HttpStatusCode.NotFound, payment.StatusCode);
    }

    private async Task<Dictionary<string, Guid>> ThingsOf(User owner)
    {
        var staff = app.As(await app.Insert(Roles.Staff));
        var category = await (await staff.Post("/api/v1/categories", new { name = "Salgados" })).Body(HttpStatusCode.Created);
        var product = await (await staff.Post("/api/v1/products", new
        {
            name = "Coxinha",
            description = "De frango",
            price = new { amount = 890, currency = "BRL" },
            categoryId = category.GetProperty("id").GetGuid(),
        })).Body(HttpStatusCode.Created);

        var client = app.As(owner);
        var order = await (await client.Post("/api/v1/orders", new { items = new[] { new { productId = product.GetProperty("id").GetGuid(), quantity = 1 } }, fulfillment = "pickup" })).Body(HttpStatusCode.Created);
        var payment = await (await client.Post("/api/v1/payments", new { orderId = order.GetProperty("id").GetGuid(), provider = "sandbox" })).Body(HttpStatusCode.Created);
        var address = await (await client.Post("/api/v1/users/me/addresses", new
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
        })).Body(HttpStatusCode.Created);
        var (listing, day) = (await app.Listing((await app.Owner()).Id), DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(3));
        return new(StringComparer.Ordinal)
        {
            // Everybody sees a listing, too.
            ["/api/v1/listings/"] = Guid.CreateVersion7(),
            ["/api/v1/bookings/"] = (await client.Booked(listing, day, day)).Id(),
            ["/api/v1/baskets/"] = (await (await client.Post("/api/v1/baskets", new { })).Body(HttpStatusCode.Created)).Id(),
            ["/api/v1/waitlist/"] = await app.InsertWait(owner.Id),
            ["/api/v1/notifications/"] = await app.InsertNotice(owner.Id),
            ["/api/v1/push-subscriptions/"] = await app.InsertSubscription(owner.Id),
            // A draft, and what waits for a moderator.
            ["/api/v1/posts/"] = (await (await client.Post("/api/v1/posts", new { title = "Rascunho", content = "" })).Body(HttpStatusCode.Created)).Id(),
            ["/api/v1/comments/"] = await PendingComment(owner.Id),
            // Everybody sees a product. One that is not there stands for what cannot be seen.
            ["/api/v1/products/"] = Guid.CreateVersion7(),
            // What is said of a renter is nobody's business.
            ["/api/v1/users/"] = owner.Id,
            ["/api/v1/reviews/"] = await app.InsertReview(product.GetProperty("id").GetGuid(), owner.Id),
            ["/api/v1/orders/"] = order.GetProperty("id").GetGuid(),
            ["/api/v1/cart/items/"] = (await (await client.Send(HttpMethod.Put, "/api/v1/cart/items", new { productId = product.GetProperty("id").GetGuid(), quantity = 1 })).Body()).GetProperty("items")[0].GetProperty("id").GetGuid(),
            ["/api/v1/payments/"] = payment.GetProperty("id").GetGuid(),
            ["/api/v1/sandbox/payments/"] = payment.GetProperty("id").GetGuid(),
            ["/api/v1/simulator/payments/"] = payment.GetProperty("id").GetGuid(),
            ["/api/v1/simulator/events/"] = await SimulatedEvent(payment),
            ["/api/v1/files/"] = (await (await client.Upload(Samples.Png())).Body(HttpStatusCode.Created)).GetProperty("id").GetGuid(),
            ["/api/v1/auth/sessions/"] = await app.InsertSession(owner),
            ["/api/v1/auth/passkeys/"] = await app.InsertPasskey(owner.Id),
            ["/api/v1/api-keys/"] = (await (await client.Post("/api/v1/api-keys", new { name = "Caixa", scopes = "orders:read".Split(' ') })).Body(HttpStatusCode.Created)).GetProperty("id").GetGuid(),
            ["/api/v1/users/me/addresses/"] = address.GetProperty("id").GetGuid(),
        };
    }

    /// <summary>What a provider that exists only here has said of the payment.</summary>
    private async Task<Guid> SimulatedEvent(JsonElement payment)
    {
        var id = Guid.CreateVersion7();
        await app.Execute($"""
            insert into payments.simulated_events (id, provider, type, thing, body, query, created_at)
            select {id}, provider, 'charge.succeeded', provider_reference, convert_to(jsonb_build_object()::text, 'UTF8'), jsonb_build_object(), created_at from payments.payments where id = {payment.GetProperty("id").GetGuid()}
            """);
        return id;
    }

    /// <summary>A comment that only its author and moderators see.</summary>
    private async Task<Guid> PendingComment(Guid authorId)
    {
        var id = Guid.CreateVersion7();
        await app.Execute($"""
            with post as (
                insert into content.posts (id, slug, title, lead, content, html, rendered_by, status, published_at, comments_open, comment_count, view_count, revision, written_at, created_at, updated_at)
                values ({id}, {id.ToString("N")}, 'x', '', '', '', 1, 'published', now(), true, 0, 0, 1, now(), now(), now()) returning id
            )
            insert into content.comments (id, post_id, author_id, state, content, html, rendered_by, created_at) select id, id, {authorId}, 'pending', 'x', 'x', 1, now() from post
            """);
        return id;
    }

    private IEnumerable<(string Method, string Path, string Pattern)> Routes(Func<RouteEndpoint, bool> which) =>
        from route in app.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + route.RoutePattern.RawText!.Trim('/')
        where pattern.StartsWith("/api/v1", StringComparison.Ordinal) && which(route)
        from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select (method, string.Join('/', pattern.Split('/').Select(part => part.StartsWith('{') ? Guid.Empty.ToString() : part)), pattern);

    private static Task<HttpResponseMessage> Send(HttpClient client, string method, string path, string? body)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null && method is not "GET")
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
