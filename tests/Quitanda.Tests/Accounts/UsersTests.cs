using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class UsersTests(UsersTests.App app) : IClassFixture<UsersTests.App>
{
    [Fact]
    public async Task A_patch_changes_what_is_in_it_and_null_clears()
    {
        var client = app.As(await app.Insert());
        var changed = await (await Patch(client, """{"firstName":"Ana","lastName":"Souza","phone":"+5511987654321","username":"Ana-1","locale":"en"}""")).Body();
        Assert.Equal(("Pessoa", "Ana", "Souza", "ana-1", "en"), (changed.Text("name"), changed.Text("firstName"), changed.Text("lastName"), changed.Text("username"), changed.Text("locale")));

        var cleared = await (await Patch(client, """{"firstName":null,"username":null}""")).Body();
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, "Souza"), (cleared.GetProperty("firstName").ValueKind, cleared.GetProperty("username").ValueKind, cleared.Text("lastName")));
        Assert.Equal(cleared.GetRawText(), (await (await client.Get("/api/v1/users/me")).Body()).GetRawText());
    }

    [Theory]
    [InlineData("""{"name":null}""", "validation_failed")]
    [InlineData("""{"locale":null}""", "validation_failed")]
    [InlineData("""{"phone":"123"}""", "validation_failed")]
    [InlineData("""{"email":"other@exemplo.test"}""", "unknown_field")]
    [InlineData("""{"roles":["admin"]}""", "unknown_field")]
    [InlineData("""{"isActive":true}""", "unknown_field")]
    public async Task A_patch_refuses_what_is_not_ones_own_to_say(string body, string code)
    {
        var user = await app.Insert();
        Assert.Equal(code, await (await Patch(app.As(user), body)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal((int)Roles.Customer, await app.Scalar<int>($"select roles from accounts.users where id = {user.Id}"));
    }

    [Fact]
    public async Task A_username_of_somebody_else_is_refused_by_name_even_at_once()
    {
        var clients = new[] { await app.Insert(), await app.Insert(), await app.Insert() }.Select(app.As).ToList();
        var answers = await Task.WhenAll(clients.Select(client => Patch(client, """{"username":"Wanted"}""")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            Assert.Equal("username_taken", await answer.Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Only_admins_see_and_change_other_users()
    {
        var target = await app.Insert();
        foreach (var roles in new[] { Roles.Customer, Roles.Customer | Roles.Owner, Roles.Staff, Roles.Moderator })
        {
            var client = app.As(await app.Insert(roles));
            foreach (var (method, path, body) in AdminRoutes(target))
                Assert.Equal("forbidden", await (await client.Send(method, path, body)).Refusal(HttpStatusCode.Forbidden));
        }

        foreach (var (method, path, body) in AdminRoutes(target))
            Assert.Equal("unauthenticated", await (await app.Guest.Send(method, path, body)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal(1, await app.Scalar<long>($"select version from accounts.users where id = {target.Id}"));
    }

    [Fact]
    public async Task Nobody_there_is_404_for_an_admin()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        foreach (var (method, path, body) in AdminRoutes(new User { Email = "x", Name = "x", CreatedAt = default }).Skip(1))
            Assert.Equal("not_found", await (await admin.Send(method, path, body)).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_role_given_or_taken_counts_at_once_and_older_tokens_end()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var signedIn = await app.Register();
        var id = signedIn.GetProperty("user").Id();
        var before = app.CreateClient(signedIn.Text("accessToken"));
        await (await before.Get("/api/v1/users")).Refusal(HttpStatusCode.Forbidden);

        var promoted = await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{id}/roles", People.Holding("admin", "customer", "admin"))).Body();
        Assert.Equal("""["customer","admin"]""", promoted.GetProperty("roles").GetRawText());
        await (await before.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        var pair = await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Body();
        var after = app.CreateClient(pair.Text("accessToken"));
        await (await after.Get("/api/v1/users")).Body();

        await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{id}/roles", People.Holding("customer"))).Body();
        await (await after.Get("/api/v1/users")).Refusal(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"roles":[]}""")]
    [InlineData("""{"roles":["king"]}""")]
    [InlineData("""{"roles":[16]}""")]
    [InlineData("""{"roles":["customer","customer","customer","customer","customer","customer"]}""")]
    public async Task What_are_no_roles_is_refused(string body)
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var target = await app.Insert();
        Assert.Equal("validation_failed", await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{target.Id}/roles", body)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_deactivated_user_is_shut_out_everywhere_until_activated()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var email = People.NewEmail();
        var signedIn = await app.Register(email);
        var id = signedIn.GetProperty("user").Id();
        var client = app.CreateClient(signedIn.Text("accessToken"));
        await (await client.Get("/api/v1/users/me")).Body();

        var shown = await (await admin.Post($"/api/v1/users/{id}/deactivate")).Body();
        Assert.False(shown.GetProperty("isActive").GetBoolean());
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Refusal(HttpStatusCode.Unauthorized);
        await (await app.SignIn(email)).Refusal(HttpStatusCode.Unauthorized);

        Assert.True((await (await admin.Post($"/api/v1/users/{id}/activate")).Body()).GetProperty("isActive").GetBoolean());
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Refusal(HttpStatusCode.Unauthorized);
        await (await app.SignIn(email)).Body();
    }

    [Fact]
    public async Task A_user_is_remembered_for_30_seconds_at_the_most()
    {
        var user = await app.Insert();
        var client = app.As(user);
        await (await client.Get("/api/v1/users/me")).Body();
        await app.Execute($"update accounts.users set is_active = false, version = 2 where id = {user.Id}");

        app.Clock.Advance(TimeSpan.FromSeconds(29));
        await (await client.Get("/api/v1/users/me")).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Another_process_knows_of_a_change_within_30_seconds()
    {
        await using var other = QuitandaApp.Build(app.ConnectionString, builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock)));
        await other.StartAsync(TestContext.Current.CancellationToken);
        var user = await app.Insert();
        var there = other.GetTestClient();
        there.DefaultRequestHeaders.Authorization = new("Bearer", app.TokenOf(user));
        await (await there.Get("/api/v1/users/me")).Body();

        await (await app.As(await app.Insert(Roles.Admin)).Post($"/api/v1/users/{user.Id}/deactivate")).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        await (await there.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_list_is_searched_filtered_and_paged_both_ways()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var mark = $"marca_{Guid.CreateVersion7():N}"[..20];
        List<Guid> ids = [];
        for (var i = 0; i < 5; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var user = new User { Email = People.NewEmail(), Name = $"{mark} {i}", Roles = i == 3 ? Roles.Staff : Roles.Customer, IsActive = i != 4, CreatedAt = app.Clock.GetUtcNow() };
            await app.WithDb(db => Task.FromResult(db.Add(user)));
            ids.Add(user.Id);
        }

        ids.Reverse();
        Assert.Equal(ids, Ids(await List($"search={mark.ToUpperInvariant()}")));
        Assert.Empty(Ids(await List($"search={mark.Replace('_', '%')}")));
        Assert.Empty(Ids(await List($"search={mark.Replace('_', 'x')}")));
        Assert.Equal([ids[1]], Ids(await List($"search={mark}&role=staff")));
        Assert.Equal([ids[0]], Ids(await List($"search={mark}&isActive=false")));
        Assert.Equal(ids[..2], Ids(await List($"search={mark}&createdAfter={Uri.EscapeDataString(app.Clock.GetUtcNow().AddSeconds(-2).ToString("O"))}")));
        Assert.Equal(ids[2..], Ids(await List($"search={mark}&createdBefore={Uri.EscapeDataString(app.Clock.GetUtcNow().AddSeconds(-1).ToOffset(TimeSpan.FromHours(-3)).ToString("O"))}")));
        Assert.Equal(Enumerable.Reverse(ids), Ids(await List($"search={mark}&sort=name")));

        var first = await List($"search={mark}&limit=2");
        Assert.Equal((5, 3), (first.GetProperty("meta").GetProperty("total").GetInt32(), first.GetProperty("meta").GetProperty("totalPages").GetInt32()));
        var second = await List($"search={mark}&limit=2&after={first.GetProperty("meta").Text("next")}");
        Assert.Equal(ids[..4], [.. Ids(first), .. Ids(second)]);
        Assert.DoesNotContain("hash", first.GetRawText(), StringComparison.OrdinalIgnoreCase);

        foreach (var query in new[] { "role=king", "role=16", "sort=passwordHash", "sort=password_hash", "createdAfter=yesterday", "limit=101" })
            Assert.Equal("validation_failed", await (await admin.Get($"/api/v1/users?{query}")).Refusal(HttpStatusCode.BadRequest));

        async Task<JsonElement> List(string query) => await (await admin.Get($"/api/v1/users?{query}")).Body();
        static List<Guid> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(user => user.Id())];
    }

    private static (HttpMethod Method, string Path, object? Body)[] AdminRoutes(User target) =>
    [
        (HttpMethod.Get, "/api/v1/users", null),
        (HttpMethod.Get, $"/api/v1/users/{target.Id}", null),
        (HttpMethod.Put, $"/api/v1/users/{target.Id}/roles", People.Holding("admin")),
        (HttpMethod.Post, $"/api/v1/users/{target.Id}/activate", null),
        (HttpMethod.Post, $"/api/v1/users/{target.Id}/deactivate", null),
    ];

    private static Task<HttpResponseMessage> Patch(HttpClient client, string body) => client.Send(HttpMethod.Patch, "/api/v1/users/me", body);

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres);
}

/// <summary>Has a database of its own, in which it can count the admins.</summary>
public sealed class LastAdminTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task The_last_admin_cannot_be_lost_not_even_by_two_who_take_each_others_role_at_once()
    {
        var customer = await app.Insert();
        for (var round = 0; round < 10; round++)
        {
            await app.Execute($"update accounts.users set roles = 1 where roles & 16 <> 0");
            var admins = new[] { await app.Insert(Roles.Admin), await app.Insert(Roles.Admin) };
            // A deactivated admin is none who could appoint another.
            await app.Insert(Roles.Admin, isActive: false);
            var answers = await Task.WhenAll(
                app.As(admins[0]).Send(HttpMethod.Put, $"/api/v1/users/{admins[1].Id}/roles", People.Holding("customer")),
                app.As(admins[1]).Send(HttpMethod.Put, $"/api/v1/users/{admins[0].Id}/roles", People.Holding("customer")),
                app.As(admins[0]).Post($"/api/v1/users/{admins[1].Id}/deactivate"),
                app.As(admins[1]).Post($"/api/v1/users/{admins[0].Id}/deactivate"));

            Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.users where roles & 16 <> 0 and is_active"));
            Assert.All(answers, answer => Assert.True((int)answer.StatusCode is 200 or 401 or 403 or 409, answer.StatusCode.ToString()));
        }

        var lastId = await app.Scalar<Guid>($"select id from accounts.users where roles & 16 <> 0 and is_active");
        var version = await app.Scalar<long>($"select version from accounts.users where id = {lastId}");
        var last = app.CreateClient(app.Services.GetRequiredService<Quitanda.Accounts.Sessions.AccessTokens>().Issue(lastId, lastId, version));
        Assert.Equal("last_admin", await (await last.Send(HttpMethod.Put, $"/api/v1/users/{lastId}/roles", People.Holding("customer"))).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("last_admin", await (await last.Post($"/api/v1/users/{lastId}/deactivate")).Refusal(HttpStatusCode.Conflict));

        await (await last.Send(HttpMethod.Put, $"/api/v1/users/{customer.Id}/roles", People.Holding("admin"))).Body();
        await (await last.Send(HttpMethod.Put, $"/api/v1/users/{lastId}/roles", People.Holding("customer"))).Body();
    }
}
