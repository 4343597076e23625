using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Accounts;

/// <summary>Keys that call for their owner: within their scopes, while they and their owner are good, and never more than their owner may.</summary>
public sealed class ApiKeyTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Keys = "/api/v1/api-keys";

    [Fact]
    public async Task A_key_is_shown_once_stored_as_a_hash_and_told_by_its_prefix()
    {
        var owner = await app.Insert();
        var expires = app.Clock.GetUtcNow().AddDays(30);
        var made = await (await app.As(owner).Post(Keys, new { name = " Caixa ", scopes = "users:read orders:write users:read".Split(' '), expiresAt = expires })).Body(HttpStatusCode.Created);
        var key = made.Text("key");

        Assert.Matches("^qk_[A-Za-z0-9_-]{43}$", key);
        var page = await (await app.As(owner).Get(Keys)).Body();
        var listed = Assert.Single(page.GetProperty("data").EnumerateArray());
        Assert.Equal((made.Id(), "Caixa", key[..11], "orders:write users:read"), (listed.Id(), listed.Text("name"), listed.Text("prefix"), string.Join(' ', listed.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()))));
        Assert.Equal((expires, JsonValueKind.Null), (listed.GetProperty("expiresAt").GetDateTimeOffset(), listed.GetProperty("lastUsedAt").ValueKind));
        Assert.DoesNotContain(key, page.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(listed.GetRawText(), (await (await app.As(owner).Get($"{Keys}/{made.Id()}")).Body()).GetRawText());
        Assert.Equal("not_found", await (await app.As(await app.Insert(Roles.Admin)).Get($"{Keys}/{made.Id()}")).Refusal(HttpStatusCode.NotFound));
        var row = await app.Scalar<string>($"select k::text from accounts.api_keys k where id = {made.Id()}");
        Assert.DoesNotContain(key[11..], row, StringComparison.Ordinal);
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.api_keys where hash = sha256({Encoding.UTF8.GetBytes(key)})"));
    }

    [Fact]
    public async Task A_key_reads_and_writes_what_its_scopes_say_and_nothing_else()
    {
        var owner = await app.Insert();
        var reads = With(await Make(owner, "users:read"));
        var writes = With(await Make(owner, "users:write"));

        Assert.Equal(owner.Id, (await (await reads.Get("/api/v1/users/me")).Body()).Id());
        Assert.Equal("insufficient_scope", await (await reads.Send(HttpMethod.Patch, "/api/v1/users/me", new { name = "Outra" })).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("insufficient_scope", await (await reads.Get("/api/v1/orders/mine")).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("Outra", (await (await writes.Send(HttpMethod.Patch, "/api/v1/users/me", new { name = "Outra" })).Body()).Text("name"));
        Assert.Equal("insufficient_scope", await (await writes.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal(HttpStatusCode.Forbidden, (await writes.Send(HttpMethod.Head, "/api/v1/users/me")).StatusCode);
    }

    [Fact]
    public async Task An_answer_kept_for_everyone_is_not_given_to_a_key_without_its_scope()
    {
        var staff = await app.Insert(Roles.Staff);
        var product = (await app.As(staff).AddProduct((await app.As(staff).AddCategory()).Id())).Id();
        foreach (var client in (HttpClient[])[app.Guest, app.Guest, app.As(await app.Insert())])
            await (await client.Get($"/api/v1/products/{product}")).Body();

        var customer = await app.Insert();
        Assert.Equal("insufficient_scope", await (await With(await Make(customer, "orders:read")).Get($"/api/v1/products/{product}")).Refusal(HttpStatusCode.Forbidden));
        await (await With(await Make(customer, "products:read")).Get($"/api/v1/products/{product}")).Body();
    }

    [Fact]
    public async Task A_key_has_the_roles_of_its_owner_now_and_dies_with_their_account()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var owner = await app.Insert(Roles.Customer | Roles.Staff);
        var client = With(await Make(owner, "orders:read", "users:read"));

        await (await client.Get("/api/v1/orders")).Body();
        // A scope gives no role.
        Assert.Equal("forbidden", await (await client.Get("/api/v1/users")).Refusal(HttpStatusCode.Forbidden));
        await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{owner.Id}/roles", People.Holding("customer"))).Body();
        Assert.Equal("forbidden", await (await client.Get("/api/v1/orders")).Refusal(HttpStatusCode.Forbidden));
        await (await admin.Post($"/api/v1/users/{owner.Id}/deactivate")).Body();
        Assert.Equal("unauthenticated", await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        await (await admin.Post($"/api/v1/users/{owner.Id}/activate")).Body();
        await (await client.Get("/api/v1/users/me")).Body();
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_on_every_process()
    {
        var owner = await app.Insert();
        var (revoked, stays) = (await Make(owner, "users:read"), await Make(owner, "users:read"));
        await using var other = await app.StartBeside();
        var (here, there) = (With(revoked), other.ClientFor(app.Guest));
        there.DefaultRequestHeaders.Add("X-Api-Key", revoked);
        await (await here.Get("/api/v1/users/me")).Body();
        await (await there.Get("/api/v1/users/me")).Body();

        var id = await IdOf(revoked);
        Assert.Equal("not_found", await (await app.As(await app.Insert()).Send(HttpMethod.Delete, $"{Keys}/{id}")).Refusal(HttpStatusCode.NotFound));
        await (await here.Get("/api/v1/users/me")).Body();
        await (await app.As(owner).Send(HttpMethod.Delete, $"{Keys}/{id}")).Body(HttpStatusCode.NoContent);

        // The clock stands still, so it is not by age that the other process forgets.
        Assert.Equal("unauthenticated", await (await here.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        await Eventually.Happens(async () => (await there.Get("/api/v1/users/me")).StatusCode == HttpStatusCode.Unauthorized);
        await (await With(stays).Get("/api/v1/users/me")).Body();
        Assert.Equal("not_found", await (await app.As(owner).Send(HttpMethod.Delete, $"{Keys}/{id}")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task What_a_key_has_opened_ends_with_it()
    {
        var owner = await app.Insert();
        var key = await Make(owner, "orders:read");
        var callers = new[]
        {
            new Caller(owner.Id, Roles.Customer, await IdOf(key)) { IsByKey = true },
            new Caller(owner.Id, Roles.Customer, Guid.CreateVersion7()) { IsByKey = true },
            new Caller(owner.Id, Roles.Customer, Guid.CreateVersion7()),
        };

        Assert.Equal("True False True", await MayGoOn());
        await (await app.As(owner).Send(HttpMethod.Delete, $"{Keys}/{await IdOf(key)}")).Body(HttpStatusCode.NoContent);
        Assert.Equal("False False True", await MayGoOn());

        async Task<string> MayGoOn() => string.Join(' ', await app.InScope(provider => provider.GetRequiredService<ICallers>().MayGoOn(callers, CancellationToken.None)));
    }

    [Fact]
    public async Task A_key_ends_when_it_was_said_to()
    {
        var owner = await app.Insert();
        var made = await (await app.As(owner).Post(Keys, new { name = "Feira", scopes = "users:read".Split(' '), expiresAt = app.Clock.GetUtcNow().AddSeconds(10) })).Body(HttpStatusCode.Created);
        var client = With(made.Text("key"));

        await (await client.Get("/api/v1/users/me")).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("unauthenticated", await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task When_it_was_last_used_is_written_once_a_minute_at_the_most()
    {
        var owner = await app.Insert();
        var key = await Make(owner, "users:read");
        var (client, id) = (With(key), await IdOf(key));
        await using var other = await app.StartBeside();
        var there = other.ClientFor(app.Guest);
        there.DefaultRequestHeaders.Add("X-Api-Key", key);
        await (await client.Get("/api/v1/orders/mine")).Refusal(HttpStatusCode.Forbidden);
        Assert.Equal(0, await app.Scalar<long>($"select count(last_used_at) from accounts.api_keys where id = {id}"));

        await (await client.Get("/api/v1/users/me")).Body();
        var first = await Written();
        foreach (var step in (int[])[0, 29, 30])
        {
            app.Clock.Advance(TimeSpan.FromSeconds(step));
            // At 59 s it is remembered no more, and read again.
            await (await client.Get("/api/v1/users/me")).Body();
            await (await there.Get("/api/v1/users/me")).Body();
            Assert.Equal(first, await Written());
        }

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => await (await (i % 2 == 0 ? client : there).Get("/api/v1/users/me")).Body()));
        var second = await Written();
        Assert.Equal(TimeSpan.FromMinutes(1), second.At - first.At);
        Assert.Equal(app.Clock.GetUtcNow(), second.At);

        // The row's own version tells whether it was written again.
        async Task<(DateTimeOffset At, string Version)> Written() => await app.WithDb(db => db.ReadFirst(
            $"select last_used_at, xmin::text from accounts.api_keys where id = {id}", row => (row.GetFieldValue<DateTimeOffset>(0), row.GetString(1)), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_no_key_is_refused_on_every_route_and_so_are_two_answers_to_who_is_calling()
    {
        var owner = await app.Insert();
        var key = await Make(owner, "users:read", "store:read");
        foreach (var nonsense in (string[])["x", "qk_", "qk_" + new string('A', 43), key[..^1], key + "A", key.ToUpperInvariant(), new string('x', 5000)])
            foreach (var path in (string[])["/api/v1/users/me", "/api/v1/store"])
                Assert.Equal("unauthenticated", await (await With(nonsense).Get(path)).Refusal(HttpStatusCode.Unauthorized));

        var twice = With(key);
        twice.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key);
        Assert.Equal("unauthenticated", await (await twice.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        foreach (var authorization in (string[])[$"Bearer {app.TokenOf(owner)}", "Bearer nonsense", "Basic eDp5"])
        {
            var both = With(key);
            both.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
            var answer = await both.Get("/api/v1/users/me");
            Assert.Contains("X-Api-Key", (await answer.Body(HttpStatusCode.BadRequest)).GetProperty("errors").GetRawText(), StringComparison.Ordinal);
        }

        // Where neither is looked at, neither is missed.
        Assert.Equal(HttpStatusCode.OK, (await With("nonsense").Get("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await With("nonsense").Post("/api/v1/auth/logout", new { refreshToken = "x" })).StatusCode);
    }

    [Fact]
    public async Task A_key_makes_no_key_and_touches_neither_sign_in_nor_roles()
    {
        var admin = await app.Insert(Roles.Admin | Roles.Customer);
        var key = await Make(admin, "users:read", "users:write");
        var client = With(key);
        foreach (var (method, path) in ((string, string)[])[
            ("GET", Keys), ("POST", Keys), ("DELETE", $"{Keys}/{await IdOf(key)}"), ("POST", "/api/v1/auth/totp"), ("POST", "/api/v1/auth/logout-all"), ("POST", "/api/v1/stream-tickets"),
            ("PUT", $"/api/v1/users/{admin.Id}/roles"), ("POST", $"/api/v1/users/{admin.Id}/deactivate")])
            Assert.Equal("insufficient_scope", await (await client.Send(new HttpMethod(method), path, method == "POST" ? "{}" : null)).Refusal(HttpStatusCode.Forbidden));
        await (await client.Get("/api/v1/users")).Body();
    }

    [Fact]
    public async Task A_keys_requests_count_as_its_owners()
    {
        var owner = await app.Insert();
        var (token, key) = (app.As(owner), With(await Make(owner, "users:read")));

        var before = Left(await token.Get("/api/v1/users/me"));
        Assert.Equal(before - 1, Left(await key.Get("/api/v1/users/me")));
        Assert.Equal(before - 2, Left(await key.Get("/api/v1/orders/mine")));
        Assert.Equal(before - 3, Left(await token.Get("/api/v1/users/me")));

        static int Left(HttpResponseMessage answer) => int.Parse(Assert.Single(answer.Headers.GetValues("RateLimit-Remaining")), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_key_that_makes_no_sense_is_not_made()
    {
        var client = app.As(await app.Insert());
        foreach (var (body, field) in ((object, string)[])[
            (new { name = "x", scopes = Array.Empty<string>() }, "scopes"), (new { name = " ", scopes = new[] { "users:read" } }, "name"),
            (new { name = "x", scopes = new[] { "users:read", "users:delete" } }, "scopes[1]"), (new { name = "x", scopes = new[] { "*" } }, "scopes[0]"), (new { name = "x", scopes = new[] { "auth:write" } }, "scopes[0]"),
            (new { name = "x", scopes = new[] { "users:read" }, expiresAt = app.Clock.GetUtcNow() }, "expiresAt")])
            Assert.True((await (await client.Post(Keys, body)).Body(HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty(field, out _), field);
        Assert.Equal(0, (await (await client.Get($"{Keys}?page=1")).Body()).GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task There_are_fifty_of_a_user_at_the_most_however_many_are_made_at_once()
    {
        var client = app.As(await app.Insert());
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => client.Post(Keys, new { name = $"{i}", scopes = "users:read".Split(' ') })));

        Assert.Equal(50, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("too_many_api_keys", await refused.Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Its_making_and_its_end_are_in_the_audit_log_and_what_it_does_names_it()
    {
        var owner = await app.Insert(Roles.Customer | Roles.Staff);
        var key = await Make(owner, "categories:write");
        var id = await IdOf(key);
        var made = (await (await With(key).Post("/api/v1/categories", new { name = "Caldos" })).Body(HttpStatusCode.Created)).Id();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.As(owner).Send(HttpMethod.Delete, $"{Keys}/{id}")).Body(HttpStatusCode.NoContent);

        var admin = app.As(await app.Insert(Roles.Admin));
        var ofKey = (await (await admin.Get($"/api/v1/audit-log?resource=api-keys/{id}")).Body()).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(["ApiKeyRevoked", "ApiKeyCreated"], ofKey.Select(row => row.Text("action")), StringComparer.Ordinal);
        Assert.Equal("categories:write", ofKey[1].GetProperty("details").Text("scopes"));
        var written = (await (await admin.Get($"/api/v1/audit-log?resource=categories/{made}")).Body()).GetProperty("data")[0];
        Assert.Equal((owner.Id, id), (written.GetProperty("actor").Id(), written.GetProperty("actor").GetProperty("sessionId").GetGuid()));
    }

    [Fact]
    public async Task Keys_go_with_their_person_and_are_told_to_them_before()
    {
        var owner = await app.Insert();
        var key = await Make(owner, "users:read");
        await (await With(key).Get("/api/v1/users/me")).Body();
        var told = await app.InScope(async provider => await Held(provider).Export(provider.GetRequiredService<Db>(), owner.Id, CancellationToken.None).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Contains(key[..11], JsonSerializer.Serialize(Assert.Single(told), Wire.Json), StringComparison.Ordinal);
        await (await app.As(owner).Send(HttpMethod.Delete, "/api/v1/users/me")).Body(HttpStatusCode.NoContent);
        Assert.Equal("unauthenticated", await (await With(key).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));

        static IPersonalData Held(IServiceProvider provider) => provider.GetServices<IPersonalData>().Single(held => held.Name == "apiKeys");
    }

    [Fact]
    public async Task The_document_says_where_a_key_goes_and_what_it_must_hold()
    {
        var contract = await DocumentedAnswers.ContractOf(app.Services);
        var scheme = contract.Document.GetProperty("components").GetProperty("securitySchemes").GetProperty("apiKey");

        Assert.Equal(("apiKey", "header", "X-Api-Key"), (scheme.Text("type"), scheme.Text("in"), scheme.Text("name")));
        Assert.Equal("orders:read", ScopeOf("GET", "/api/v1/orders/mine"));
        Assert.Equal("orders:write", ScopeOf("POST", "/api/v1/orders"));
        Assert.Null(ScopeOf("POST", Keys));
        Assert.Null(ScopeOf("POST", "/api/v1/auth/login"));

        string? ScopeOf(string method, string path) => contract.Find(method, path)!.Json.GetProperty("security").EnumerateArray()
            .Where(way => way.TryGetProperty("apiKey", out _)).Select(way => Assert.Single(way.GetProperty("apiKey").EnumerateArray()).GetString()).SingleOrDefault();
    }

    private async Task<string> Make(User owner, params string[] scopes) => (await (await app.As(owner).Post(Keys, new { name = "Teste", scopes })).Body(HttpStatusCode.Created)).Text("key");

    private Task<Guid> IdOf(string key) => app.Scalar<Guid>($"select id from accounts.api_keys where hash = sha256({Encoding.UTF8.GetBytes(key)})");

    private HttpClient With(string key)
    {
        var client = app.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key);
        return client;
    }
}
