using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests;

/// <summary>The audit log: what goes in, that it stays, and that whoever is erased is gone from it.</summary>
public sealed class AuditTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Theory]
    [InlineData("update platform.audit_log set action = 'Nothing'")]
    [InlineData("update platform.audit_log set action = 'Nothing' where false")]
    [InlineData("delete from platform.audit_log")]
    [InlineData("truncate platform.audit_log")]
    public async Task What_is_in_it_can_be_neither_changed_nor_deleted(string attempt)
    {
        var things = await Things.Make(app);
        var before = await Count();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => app.Execute(Sql.Raw(attempt)));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        Assert.Equal(before, await Count());
        Assert.NotEmpty(await Log(things.Admin, $"actor={things.AdminUser.Id}"));
    }

    [Fact]
    public async Task Every_write_by_role_leaves_its_row()
    {
        var things = await Things.Make(app);
        var deletes = new List<string>();
        var covered = 0;
        // What deletes comes last, so that the others find what they write.
        foreach (var (method, pattern, endpoint) in Things.Routes(app).Where(route => route.Method != "GET" && route.Endpoint.Metadata.GetMetadata<RolesRequirement>() is not null).OrderBy(route => route.Method == "DELETE"))
        {
            var path = things.PathOf(pattern)?.Path ?? pattern;
            Assert.DoesNotContain("{}", path, StringComparison.Ordinal);
            var before = (await Log(things.Admin, $"actor={things.AdminUser.Id}&limit=100")).Count;
            var answer = await things.Admin.Send(new(method), path, await BodyFor(things, method, pattern));
            var action = endpoint.Metadata.GetMetadata<System.Reflection.MethodInfo>()!.DeclaringType!.Name;
            var rows = await Log(things.Admin, $"actor={things.AdminUser.Id}&limit=100");

            if (!answer.IsSuccessStatusCode)
            {
                Assert.True(rows.Count == Math.Min(before, 100), $"{action} was refused ({(int)answer.StatusCode}) and left a row.");
                continue;
            }

            covered++;
            Assert.True(rows.Exists(row => row.Text("action") == action), $"{action} left no row.");
            if (method == "DELETE")
                deletes.Add(action);
        }

        Assert.True(covered >= 12, $"Only {covered} routes were tried with success.");
        Assert.NotEmpty(deletes);
    }

    [Fact]
    public async Task A_row_says_who_did_what_to_what_from_where_and_how_it_was_before_and_after()
    {
        var things = await Things.Make(app);
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var answer = await things.Admin.Send(HttpMethod.Patch, product, """{"name":"Coxinha de jaca","isFeatured":true}""", ("User-Agent", "Caixa 2"), ("X-Request-Id", "pedido-77"));
        await answer.Body();

        var row = (await Log(things.Admin, $"resource=products/{product[^36..]}&action=ChangeProduct"))[0];
        Assert.Equal(app.Clock.GetUtcNow(), row.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(things.AdminUser.Id, row.GetProperty("actor").Id());
        Assert.Equal("""["customer","admin"]""", row.GetProperty("actor").GetProperty("roles").GetRawText());
        Assert.NotEqual(Guid.Empty, row.GetProperty("actor").GetProperty("sessionId").GetGuid());
        Assert.Equal(("products", product[^36..]), (row.GetProperty("resource").Text("type"), row.GetProperty("resource").Text("id")));
        Assert.Equal(("Caixa 2", "pedido-77"), (row.GetProperty("origin").Text("userAgent"), row.GetProperty("origin").Text("requestId")));
        Assert.Equal("isFeatured name updatedAt", Names(row.GetProperty("before")));
        Assert.Equal("isFeatured name updatedAt", Names(row.GetProperty("after")));
        Assert.StartsWith("Coxinha ", row.GetProperty("before").Text("name"), StringComparison.Ordinal);
        Assert.Equal("Coxinha de jaca", row.GetProperty("after").Text("name"));

        static string Names(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_made_is_shown_whole_and_so_is_what_is_deleted()
    {
        var things = await Things.Make(app);
        var made = await things.Admin.AddCategory("Sucos");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.NoContent, (await things.Admin.Delete($"/api/v1/categories/{made.Id()}")).StatusCode);

        var rows = await Log(things.Admin, $"resource=categories/{made.Id()}");
        Assert.Equal(["DeleteCategory", "AddCategory"], rows.Select(row => row.Text("action")), StringComparer.Ordinal);
        Assert.True(JsonElement.DeepEquals(made, rows[0].GetProperty("before")));
        Assert.True(JsonElement.DeepEquals(made, rows[1].GetProperty("after")));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (rows[0].GetProperty("after").ValueKind, rows[1].GetProperty("before").ValueKind));

        // What answers with less than the resource is shown by the resource, too.
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        await (await things.Admin.Send(HttpMethod.Put, product + "/nutrition", await things.ExampleFor("PUT", "/api/v1/products/{}/nutrition"))).Body();
        var nutrition = (await Log(things.Admin, $"resource=products/{product[^36..]}&action=SetNutrition"))[0];
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Object), (nutrition.GetProperty("before").GetProperty("nutrition").ValueKind, nutrition.GetProperty("after").GetProperty("nutrition").ValueKind));
        // Many at once have no read of their own: each tells.
        await (await things.Admin.Post("/api/v1/products/prices", new { updates = new[] { new { id = product[^36..], price = Shop.Price(1) } } })).Body();
        Assert.Equal("990 1", (await Log(things.Admin, $"resource=products/{product[^36..]}&action=PriceChanged"))[0].GetProperty("details") is var price ? $"{price.Text("before")} {price.Text("after")}" : "");
    }

    [Fact]
    public async Task A_customers_own_writes_leave_none_and_a_staffs_at_a_customers_order_do()
    {
        var things = await Things.Make(app);
        var customer = things.Owner.Id;
        Assert.DoesNotContain(await Log(things.Admin, $"actor={customer}"), row => row.GetProperty("actor").Id() == customer);

        var order = things.PathOf("/api/v1/orders/{}")!.Value.Path;
        await (await things.Client.Post(order + "/cancel", new { reason = "Mudei de ideia." })).Body();
        Assert.Empty(await Log(things.Admin, $"actor={customer}"));

        var staff = await app.Insert(Roles.Customer | Roles.Staff);
        var category = (await things.Admin.AddCategory()).Id();
        var product = (await things.Admin.AddProduct(category, stock: 5)).Id();
        var theirs = await Place(things.Client, product);
        var own = await Place(app.As(staff), product);
        await (await app.As(staff).Post($"/api/v1/orders/{own}/cancel")).Body();
        Assert.Empty(await Log(things.Admin, $"actor={staff.Id}"));
        await (await app.As(staff).Post($"/api/v1/orders/{theirs}/cancel", new { reason = "Acabou o gás." })).Body();

        var row = Assert.Single(await Log(things.Admin, $"actor={staff.Id}"));
        Assert.Equal(("CancelOrder", customer, "orders"), (row.Text("action"), row.GetProperty("personId").GetGuid(), row.GetProperty("resource").Text("type")));
        Assert.Equal(("pending", "cancelled", "Acabou o gás."), (row.GetProperty("before").Text("status"), row.GetProperty("after").Text("status"), row.GetProperty("after").Text("cancelReason")));
    }

    [Fact]
    public async Task A_row_and_its_effect_are_one_commit()
    {
        var things = await Things.Make(app);
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        var before = await (await things.Admin.Get(product)).Body();
        await app.Execute($"create function platform.full_disk() returns trigger language plpgsql as 'begin raise exception using errcode = ''disk_full''; end'");
        await app.Execute($"create trigger full_disk before insert on platform.audit_log for each row when (new.action = 'ChangeProduct') execute function platform.full_disk()");
        try
        {
            Assert.Equal("unavailable", await (await things.Admin.Patch(product, new { name = "Nunca" })).Refusal(HttpStatusCode.ServiceUnavailable));
            Assert.Equal(before.GetRawText(), (await (await things.Admin.Get(product)).Body()).GetRawText());
        }
        finally
        {
            await app.Execute($"drop function platform.full_disk cascade");
        }

        // And what is refused leaves none, though it had begun to write.
        var rows = await Count();
        Assert.Equal("invalid_transition", await (await things.Admin.Post(things.PathOf("/api/v1/orders/{}")!.Value.Path + "/deliver")).Refusal(HttpStatusCode.Conflict));
        await (await things.Admin.Patch($"/api/v1/products/{Guid.CreateVersion7()}", new { name = "Ninguém" })).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("precondition_failed", await (await things.Admin.SendIf(HttpMethod.Patch, product, "\"old\"", new { name = "Velha" })).Refusal(HttpStatusCode.PreconditionFailed));
        Assert.Equal(rows, await Count());
    }

    [Fact]
    public async Task Signing_in_and_all_that_goes_wrong_with_it_is_noted_though_it_is_refused()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var id = registered.GetProperty("user").Id();
        await (await app.SignIn(email)).Body();
        for (var i = 0; i < 5; i++)
            await (await app.SignIn(email, "errada")).Refusal(HttpStatusCode.Unauthorized);
        for (var i = 0; i < 3; i++)
            await (await app.SignIn(email, "errada")).Refusal(HttpStatusCode.Locked);

        var rows = await Log(admin, $"person={id}");
        Assert.Equal(["AddressLocked", "SignInFailed", "SignInFailed", "SignInFailed", "SignInFailed", "SignInFailed", "SignedIn", "UserRegistered"], rows.Select(row => row.Text("action")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(email, rows.Find(row => row.Text("action") == "SignInFailed").GetProperty("details").Text("email"));
        Assert.Equal(JsonValueKind.Null, rows.Find(row => row.Text("action") == "SignInFailed").GetProperty("actor").ValueKind);
        Assert.Equal(id, rows.Find(row => row.Text("action") == "SignedIn").GetProperty("actor").Id());

        // An address without an account is noted, for nobody.
        var unknown = People.NewEmail();
        await (await app.SignIn(unknown, "errada")).Refusal(HttpStatusCode.Unauthorized);
        Assert.Contains(await Log(admin, "action=SignInFailed"), row => row.GetProperty("personId").ValueKind == JsonValueKind.Null && row.GetProperty("details").Text("email") == unknown);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.audit_log where (origin::text || coalesce(details::text, '')) like '%' || {unknown} || '%'"));
    }

    [Fact]
    public async Task The_ends_of_sessions_and_changes_of_accounts_are_noted()
    {
        var admins = await app.Insert(Roles.Admin);
        var admin = app.As(admins);
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var id = registered.GetProperty("user").Id();
        var refresh = registered.Text("refreshToken");
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = refresh })).Body();
        for (var i = 0; i < 2; i++)
            await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = refresh })).Refusal(HttpStatusCode.Unauthorized);
        var again = await (await app.SignIn(email)).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await app.CreateClient(again.Text("accessToken")).Post("/api/v1/auth/logout-all")).StatusCode);
        await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{id}/roles", People.Holding("customer", "staff"))).Body();
        await (await admin.Post($"/api/v1/users/{id}/deactivate")).Body();
        await (await admin.Post($"/api/v1/users/{id}/activate")).Body();

        var rows = await Log(admin, $"person={id}");
        Assert.Equal(
            ["ActivateUser", "DeactivateUser", "RefreshTokenReused", "SetRoles", "SignedIn", "SignedOutEverywhere", "UserRegistered"],
            rows.Select(row => row.Text("action")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var roles = rows.Find(row => row.Text("action") == "SetRoles");
        Assert.Equal(("""["customer"]""", """["customer","staff"]"""), (roles.GetProperty("before").GetProperty("roles").GetRawText(), roles.GetProperty("after").GetProperty("roles").GetRawText()));
        Assert.Equal(admins.Id, roles.GetProperty("actor").Id());
    }

    [Fact]
    public async Task Somebody_with_an_office_who_reaches_beyond_it_is_noted_and_a_customer_is_not()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var staff = await app.Insert(Roles.Staff);
        var customer = await app.Insert();
        foreach (var user in (User[])[staff, customer])
        {
            await (await app.As(user).Send(HttpMethod.Put, $"/api/v1/users/{customer.Id}/roles", People.Holding("admin"))).Refusal(HttpStatusCode.Forbidden);
            await (await app.As(user).Get("/api/v1/users")).Refusal(HttpStatusCode.Forbidden);
        }

        var row = Assert.Single(await Log(admin, $"actor={staff.Id}"));
        Assert.Equal(("AccessRefused", "PUT"), (row.Text("action"), row.GetProperty("details").Text("method")));
        Assert.Contains("/roles", row.GetProperty("details").Text("route"), StringComparison.Ordinal);
        Assert.Empty(await Log(admin, $"actor={customer.Id}"));
    }

    [Fact]
    public async Task Only_admins_read_it_and_by_cursor_each_row_comes_once()
    {
        var admins = await app.Insert(Roles.Admin);
        var admin = app.As(admins);
        foreach (var roles in (Roles[])[Roles.Customer, Roles.Staff, Roles.Moderator, Roles.Owner])
            await (await app.As(await app.Insert(roles)).Get("/api/v1/audit-log")).Refusal(HttpStatusCode.Forbidden);

        List<Guid> made = [];
        for (var i = 0; i < 7; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            made.Add((await admin.AddCategory()).Id());
        }

        List<string> seen = [];
        for (string? next = ""; next is not null;)
        {
            var page = await (await admin.Get($"/api/v1/audit-log?actor={admins.Id}&limit=3{(next.Length > 0 ? $"&after={next}" : "")}")).Body();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("resource").Text("id")));
            next = page.GetProperty("meta").GetProperty("next").GetString();
        }

        Assert.Equal(Enumerable.Reverse(made).Select(id => id.ToString()), seen, StringComparer.Ordinal);
        var at = app.Clock.GetUtcNow();
        Assert.Equal(2, (await Log(admin, $"actor={admins.Id}&from={When(at.AddSeconds(-1))}")).Count);
        Assert.Equal(5, (await Log(admin, $"actor={admins.Id}&to={When(at.AddSeconds(-1))}")).Count);
        Assert.Equal(7, (await Log(admin, $"actor={admins.Id}&resource=categories&action=AddCategory")).Count);
        Assert.Empty(await Log(admin, $"actor={admins.Id}&resource=products"));

        static string When(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O"));
    }

    private static async Task<string?> BodyFor(Things things, string method, string pattern) => (method, pattern) switch
    {
        ("PUT", "/api/v1/store") => JsonSerializer.Serialize(Things.Store()),
        ("PATCH", "/api/v1/products/{}") => """{"name":"Kibe"}""",
        ("POST", "/api/v1/products") => JsonSerializer.Serialize(new { name = Shop.NewName(), description = "", price = Shop.Price(100), categoryId = things.PathOf("/api/v1/categories/{}")!.Value.Path[^36..] }),
        ("POST", "/api/v1/products/prices") => JsonSerializer.Serialize(new { updates = new[] { new { id = things.PathOf("/api/v1/products/{}")!.Value.Path[^36..], price = Shop.Price(700) } } }),
        ("POST", "/api/v1/payments/{}/refunds") => JsonSerializer.Serialize(new { amount = Shop.Price(50) }),
        ("POST", "/api/v1/orders/{}/promise") => """{"readyAt":"2026-03-05T15:00:00Z","reason":"Mais cedo"}""",
        ("PUT", "/api/v1/users/{}/roles") => JsonSerializer.Serialize(People.Holding("customer", "owner")),
        _ => await things.ExampleFor(method, pattern),
    };

    private static async Task<Guid> Place(HttpClient client, Guid product) =>
        (await (await client.Post("/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual" })).Body(HttpStatusCode.Created)).Id();

    private static async Task<List<JsonElement>> Log(HttpClient admin, string filter) =>
        [.. (await (await admin.Get($"/api/v1/audit-log?{filter}")).Body()).GetProperty("data").EnumerateArray()];

    private Task<long> Count() => app.Scalar<long>($"select count(*) from platform.audit_log");
}
