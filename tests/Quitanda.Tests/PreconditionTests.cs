using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests;

/// <summary>Versions of resources: every read gives one, every write can ask for one. Routes are discovered, so a new one is covered at birth.</summary>
public sealed class PreconditionTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Stale = "\"0123456789abcdef01234567\"";

    [Fact]
    public async Task Every_single_resource_carries_a_strong_tag_and_is_not_sent_twice()
    {
        var things = await Things.Make(app);
        var reads = Things.Routes(app).Where(route => route.Method == "GET" && Signature.IsSingle(route.Endpoint.Metadata.GetMetadata<MethodInfo>())).ToList();

        Assert.True(reads.Count >= 9);
        foreach (var (_, pattern, _) in reads)
        {
            Assert.True(things.PathOf(pattern) is { } found && found.Path == found.Thing, $"{pattern} reads one resource; make one in Things, so that it is covered.");
            var path = things.PathOf(pattern)!.Value.Path;
            var client = things.WriterOf(path);
            var first = await client.Get(path);
            Assert.True(first.StatusCode == HttpStatusCode.OK, $"{path} answered {(int)first.StatusCode}");
            var tag = first.Tag();
            Assert.Matches("^\"[0-9a-f]{24}\"$", tag!);

            foreach (var known in (string[])[tag!, "W/" + tag, $"{Stale}, {tag}", "*", tag![..^1] + "-br\"", tag[..^1] + "-gzip\""])
            {
                var again = await client.Send(HttpMethod.Get, path, json: null, ("If-None-Match", known));
                Assert.True(again.StatusCode == HttpStatusCode.NotModified, $"{path} answered {known} with {(int)again.StatusCode}");
                Assert.Equal(tag, again.Tag());
                Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            }

            Assert.Equal(HttpStatusCode.OK, (await client.Send(HttpMethod.Get, path, json: null, ("If-None-Match", Stale))).StatusCode);
            Assert.Equal(tag, (await client.Send(HttpMethod.Head, path, json: null)).Tag());
        }
    }

    [Fact]
    public async Task A_stale_version_changes_nothing_on_any_route_that_writes_a_resource()
    {
        var things = await Things.Make(app);
        var writes = Things.Routes(app).Where(route => route.Method is "PATCH" or "PUT" or "DELETE" && ChangesRows(route.Endpoint)).ToList();

        Assert.True(writes.Count >= 10);
        foreach (var (method, pattern, _) in writes)
        {
            Assert.True(things.PathOf(pattern) is not null, $"{method} {pattern} writes a resource that has no read, and so no version.");
            var (path, thing) = things.PathOf(pattern)!.Value;
            Assert.DoesNotContain("{}", path, StringComparison.Ordinal);
            var client = things.WriterOf(path);
            var before = await (await client.Get(thing)).Body();
            var current = await client.TagOf(thing);

            foreach (var expected in (string[])[Stale, "W/" + current, $"{Stale}, \"other\"", "nonsense"])
            {
                var answer = await client.Send(new(method), path, await things.ExampleFor(method, pattern), ("If-Match", expected));
                Assert.True(answer.StatusCode == HttpStatusCode.PreconditionFailed, $"{method} {path} answered If-Match: {expected} with {(int)answer.StatusCode}");
                Assert.Equal("precondition_failed", await answer.Refusal(HttpStatusCode.PreconditionFailed));
            }

            Assert.Equal(before.GetRawText(), (await (await client.Get(thing)).Body()).GetRawText());
        }
    }

    [Fact]
    public async Task The_verbs_of_a_resource_hold_to_its_version_too()
    {
        var things = await Things.Make(app);
        var (path, order) = things.PathOf("/api/v1/orders/{}/cancel")!.Value;

        Assert.Equal("precondition_failed", await (await things.Client.SendIf(HttpMethod.Post, path, Stale)).Refusal(HttpStatusCode.PreconditionFailed));
        Assert.Equal("confirmed", (await (await things.Client.Get(order)).Body()).Text("status"));
        // With a key too, and what was refused is not kept under it.
        Assert.Equal("precondition_failed", await (await things.Client.Send(HttpMethod.Post, path, json: null, ("If-Match", Stale), ("Idempotency-Key", "cancel"))).Refusal(HttpStatusCode.PreconditionFailed));
        var cancelled = await things.Client.Send(HttpMethod.Post, path, json: null, ("If-Match", await things.Client.TagOf(order)), ("Idempotency-Key", "cancel"));
        Assert.Equal("cancelled", (await cancelled.Body()).Text("status"));
        Assert.Equal(await things.Client.TagOf(order), cancelled.Tag());
    }

    [Fact]
    public async Task The_right_version_is_taken_and_the_answer_carries_the_next()
    {
        var things = await Things.Make(app);
        foreach (var (method, pattern, body) in new (HttpMethod, string, object)[]
        {
            (HttpMethod.Patch, "/api/v1/users/me", new { firstName = "Ana", metadata = new { zeta = "1", a = "2", bb = "3" } }),
            (HttpMethod.Patch, "/api/v1/users/me/addresses/{}", new { label = "Trabalho" }),
            (HttpMethod.Patch, "/api/v1/products/{}", new { name = Shop.NewName(), metadata = new { zeta = "1", a = "2" } }),
            (HttpMethod.Patch, "/api/v1/categories/{}", new { description = "Do dia" }),
            (HttpMethod.Put, "/api/v1/users/{}/roles", new { roles = new[] { "customer", "owner" } }),
            (HttpMethod.Post, "/api/v1/users/{}/deactivate", new { }),
            (HttpMethod.Post, "/api/v1/users/{}/activate", new { }),
            (HttpMethod.Put, "/api/v1/store", Things.Store()),
        })
        {
            var (path, thing) = things.PathOf(pattern)!.Value;
            // Roles and status end the tokens of before; each asks anew.
            var client = thing.StartsWith("/api/v1/users/me", StringComparison.Ordinal) ? things.Client : things.Admin;
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var list in (Func<string, string>[])[tag => tag, tag => $"{Stale}, {tag}", tag => tag[..^1] + "-br\"", _ => "*"])
            {
                var answer = await client.SendIf(method, path, list(await client.TagOf(thing)), body);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{method} {path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
                Assert.True(await client.TagOf(thing) == answer.Tag(), $"{method} {path} answered another tag than the next read of {thing}.");
            }
        }

        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        var nutrition = await things.Admin.SendIf(HttpMethod.Put, product + "/nutrition", await things.Admin.TagOf(product), JsonDocument.Parse((await things.ExampleFor("PUT", "/api/v1/products/{}/nutrition"))!).RootElement);
        await nutrition.Body();
        // What it answers is a part of the product, whose version it does not name.
        Assert.Null(nutrition.Tag());
        Assert.Equal(HttpStatusCode.NoContent, (await things.Admin.SendIf(HttpMethod.Delete, product, await things.Admin.TagOf(product))).StatusCode);
    }

    [Fact]
    public async Task What_was_made_carries_the_tag_that_its_read_gives()
    {
        var things = await Things.Make(app);
        var category = things.PathOf("/api/v1/categories/{}")!.Value.Path[^36..];
        var product = (await things.Admin.AddProduct(Guid.Parse(category), stock: 9)).Id();
        var order = await Made(things.Client, "/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", metadata = new { zeta = "1", a = "2", mé = "3" } });
        await Made(things.Client, "/api/v1/payments", new { orderId = order, provider = "sandbox", metadata = new { zeta = "1", a = "2" } });
        await Made(things.Client, "/api/v1/users/me/addresses", Things.NewAddress());
        await Made(things.Admin, "/api/v1/categories", new { name = Shop.NewName("Bebidas") });
        await Made(things.Admin, "/api/v1/products", new { name = Shop.NewName(), description = "", price = Shop.Price(500), categoryId = category, metadata = new { zeta = "1", a = "2" } });
        await Made(things.Admin, things.PathOf("/api/v1/payments/{}")!.Value.Path + "/refunds", new { amount = Shop.Price(100) });

        static async Task<Guid> Made(HttpClient client, string path, object body)
        {
            var made = await client.Send(HttpMethod.Post, path, JsonSerializer.Serialize(body), ("Idempotency-Key", "once " + path));
            var json = await made.Body(HttpStatusCode.Created);
            Assert.NotNull(made.Tag());
            Assert.Equal(await client.TagOf(made.Headers.Location!.ToString()), made.Tag());
            var again = await client.Send(HttpMethod.Post, path, JsonSerializer.Serialize(body), ("Idempotency-Key", "once " + path));
            Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
            Assert.Equal(made.Tag(), again.Tag());
            return json.Id();
        }
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_whatever_version_is_named()
    {
        var things = await Things.Make(app);
        foreach (var path in (string[])[$"/api/v1/products/{Guid.CreateVersion7()}", $"/api/v1/users/me/addresses/{Guid.CreateVersion7()}"])
            Assert.Equal("not_found", await (await things.WriterOf(path).SendIf(HttpMethod.Delete, path, "*")).Refusal(HttpStatusCode.NotFound));
        // A stranger learns nothing of it either.
        var address = things.PathOf("/api/v1/users/me/addresses/{}")!.Value.Path;
        Assert.Equal("not_found", await (await things.Admin.SendIf(HttpMethod.Delete, address, await things.Client.TagOf(address))).Refusal(HttpStatusCode.NotFound));
        Assert.Equal(HttpStatusCode.OK, (await things.Client.Get(address)).StatusCode);
    }

    [Fact]
    public async Task A_version_is_of_what_the_caller_sees()
    {
        var things = await Things.Make(app);
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        var seenByStaff = await things.Admin.TagOf(product);
        var seenByCustomer = await things.Client.TagOf(product);
        Assert.NotEqual(seenByStaff, seenByCustomer, StringComparer.Ordinal);

        await app.Take(new WantedLine(Guid.Parse(product[^36..]), 1));
        Assert.NotEqual(seenByStaff, await things.Admin.TagOf(product), StringComparer.Ordinal);
        Assert.Equal(seenByCustomer, await things.Client.TagOf(product));
        Assert.Equal("precondition_failed", await (await things.Admin.SendIf(HttpMethod.Patch, product, seenByCustomer, new { name = "Nova" })).Refusal(HttpStatusCode.PreconditionFailed));
    }

    [Theory]
    [InlineData("PATCH", "/api/v1/products/{}")]
    [InlineData("PUT", "/api/v1/products/{}/nutrition")]
    [InlineData("PATCH", "/api/v1/users/me")]
    [InlineData("PATCH", "/api/v1/users/me/addresses/{}")]
    [InlineData("PUT", "/api/v1/store")]
    [InlineData("DELETE", "/api/v1/categories/{}")]
    public async Task Of_fifty_at_once_with_one_version_one_is_taken(string method, string pattern)
    {
        var things = await Things.Make(app);
        if (method == "DELETE")
            Assert.Equal(HttpStatusCode.NoContent, (await things.Admin.Delete(things.PathOf("/api/v1/products/{}")!.Value.Path)).StatusCode);
        var (path, thing) = things.PathOf(pattern)!.Value;
        var client = things.WriterOf(path);
        var tag = await client.TagOf(thing);
        var bodies = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => Body(things, method, pattern, number)));
        app.Clock.Advance(TimeSpan.FromSeconds(1));

        var answers = await Task.WhenAll(bodies.Select(body => client.Send(new(method), path, body, ("If-Match", tag))));

        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        foreach (var answer in answers.Where(answer => !answer.IsSuccessStatusCode))
            Assert.True(answer.StatusCode == HttpStatusCode.PreconditionFailed || (method == "DELETE" && answer.StatusCode == HttpStatusCode.NotFound), $"{(int)answer.StatusCode}");
    }

    [Fact]
    public async Task A_sale_in_between_makes_the_version_stale_though_it_asks_for_none()
    {
        var things = await Things.Make(app);
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        var tag = await things.Admin.TagOf(product);
        Task<HttpResponseMessage>? counted = null;
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ICatalog>().TakeStock([new(Guid.Parse(product[^36..]), 1)], CancellationToken.None);
            // It finds the version it was told, and then waits for the sale.
            counted = things.Admin.SendIf(HttpMethod.Patch, product, tag, new { stock = 50 });
            await app.UntilOneWaits();
            return true;
        });

        Assert.Equal("precondition_failed", await (await counted!).Refusal(HttpStatusCode.PreconditionFailed));
        Assert.Equal(47, await things.Admin.StockOf(Guid.Parse(product[^36..])));
    }

    [Fact]
    public async Task Every_operation_says_which_versions_it_gives_and_takes()
    {
        var contract = await DocumentedAnswers.ContractOf(app.Services);
        var readOnly = Things.Routes(app).Where(route => !ChangesRows(route.Endpoint)).Select(route => route.Endpoint.Metadata.GetMetadata<MethodInfo>()!.DeclaringType!.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var operation in contract.Operations.Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var answers = operation.Json.GetProperty("responses");
            var isWrite = operation.Method is "PATCH" or "PUT" or "DELETE" && !readOnly.Contains(operation.Id);
            var takes = Takes(operation.Json, "If-Match");
            Assert.True(takes == answers.TryGetProperty("412", out _), operation.Id);
            Assert.True(!isWrite || takes, operation.Id);
            Assert.True(Takes(operation.Json, "If-None-Match") == answers.TryGetProperty("304", out _), operation.Id);
            if (answers.TryGetProperty("304", out _))
                Assert.True(answers.GetProperty("200").GetProperty("headers").TryGetProperty("ETag", out _), operation.Id);
        }

        Assert.True(contract.Find("POST", "/api/v1/orders")!.Json.GetProperty("responses").GetProperty("201").GetProperty("headers").TryGetProperty("ETag", out _));
        Assert.False(contract.Find("PUT", "/api/v1/products/x/nutrition")!.Json.GetProperty("responses").GetProperty("200").GetProperty("headers").TryGetProperty("ETag", out _));

        static bool Takes(JsonElement operation, string header) =>
            operation.TryGetProperty("parameters", out var parameters) && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == header);
    }

    [Fact]
    public void A_path_that_only_looks_like_a_resources_is_none()
    {
        Assert.True(Resource.IsAbout(Resource.Segments("/api/v1/users/{id}"), Resource.Segments("/api/v1/users/{who}/roles")));
        Assert.False(Resource.IsAbout(Resource.Segments("/api/v1/products/{idOrSlug}"), Resource.Segments("/api/v1/products/prices")));
        Assert.False(Resource.IsAbout(Resource.Segments("/api/v1/users/{id}"), Resource.Segments("/api/v1/users/me")));
        Assert.True(Resource.IsMade(Resource.Segments("/api/v1/orders/{id}"), Resource.Segments("/api/v1/orders")));
    }

    /// <summary>One that says it changes no row, such as bytes that are only spooled, has no version to lose.</summary>
    private static bool ChangesRows(Endpoint route) => route.Metadata.GetMetadata<MethodInfo>()!.DeclaringType!.GetCustomAttribute<ReadsOnlyAttribute>() is null;

    private static async Task<string?> Body(Things things, string method, string pattern, int number) => pattern switch
    {
        "/api/v1/users/me" => JsonSerializer.Serialize(new { firstName = $"Ana {number}" }),
        "/api/v1/users/me/addresses/{}" => JsonSerializer.Serialize(new { label = $"Casa {number}" }),
        "/api/v1/products/{}" => JsonSerializer.Serialize(new { name = $"Coxinha {number}" }),
        "/api/v1/store" => JsonSerializer.Serialize(Things.Store($"Quitanda {number}")),
        _ => await things.ExampleFor(method, pattern),
    };
}
