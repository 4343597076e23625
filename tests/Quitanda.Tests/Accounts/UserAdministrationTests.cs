using System.Net;
using System.Text.Json;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Accounts;

/// <summary>What admins do with users beside their roles and status.</summary>
public sealed class UserAdministrationTests(UserAdministrationTests.App app) : IClassFixture<UserAdministrationTests.App>
{
    private const string Users = "/api/v1/users";

    private static readonly string[] StaffToo = ["staff", "customer"];

    [Fact]
    public async Task An_admin_makes_an_account_with_roles_and_a_password_that_works()
    {
        var admin = await Admin();
        var email = People.NewEmail();
        var made = await admin.Post(Users, new { name = " Marlene ", email, password = People.Password, roles = StaffToo, username = "Marlene.1", phone = "+5511987654321", locale = "en" });
        var user = await made.Body(HttpStatusCode.Created);

        Assert.Equal($"{Users}/{user.Id()}", made.Headers.Location?.OriginalString);
        Assert.Equal(("Marlene", "marlene.1", "en", """["customer","staff"]""", true, false),
            (user.Text("name"), user.Text("username"), user.Text("locale"), user.GetProperty("roles").GetRawText(), user.GetProperty("isActive").GetBoolean(), user.GetProperty("emailVerified").GetBoolean()));
        Assert.Equal(user.GetRawText(), (await (await admin.Get($"{Users}/{user.Id()}")).Body()).GetRawText());
        var signedIn = await (await app.SignIn(email)).Body();
        Assert.Equal(user.Id(), signedIn.GetProperty("user").Id());
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.audit_log where action = 'CreateUser' and resource_id = {user.Id().ToString()} and person_id = {user.Id()}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.audit_log where position({People.Password} in audit_log::text) > 0 or position({email} in audit_log::text) > 0"));
    }

    [Fact]
    public async Task Nobody_is_given_one_of_the_commonest_passwords()
    {
        var problem = await (await (await Admin()).Post(Users, new { name = "Zulmira", email = People.NewEmail(), password = "QWERTY123456" })).Body(HttpStatusCode.BadRequest);
        Assert.Equal(("validation_failed", "password"), (problem.Text("code"), problem.GetProperty("errors").EnumerateObject().Single().Name));
    }

    [Fact]
    public async Task Without_a_password_nobody_signs_in_and_without_roles_it_is_a_customer()
    {
        var email = People.NewEmail();
        var user = await (await (await Admin()).Post(Users, new { name = "Zulmira", email })).Body(HttpStatusCode.Created);

        Assert.Equal("""["customer"]""", user.GetProperty("roles").GetRawText());
        foreach (var password in (string[])[People.Password, " ", "null"])
            await (await app.SignIn(email, password)).Refusal(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_address_or_username_that_is_taken_is_refused_by_name_even_at_once()
    {
        var admin = await Admin();
        var email = People.NewEmail();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => admin.Post(Users, new { name = "Ana", email = email.ToUpperInvariant() })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("email_taken", await answer.Refusal(HttpStatusCode.Conflict));

        await (await admin.Post(Users, new { name = "Ana", email = People.NewEmail(), username = "only-one" })).Body(HttpStatusCode.Created);
        Assert.Equal("username_taken", await (await admin.Post(Users, new { name = "Ana", email = People.NewEmail(), username = "Only-One" })).Refusal(HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("""{"name":"Ana"}""")]
    [InlineData("""{"name":"Ana","email":"ana"}""")]
    [InlineData("""{"name":"Ana","email":"ana@exemplo.test","roles":[]}""")]
    [InlineData("""{"name":"Ana","email":"ana@exemplo.test","roles":["king"]}""")]
    [InlineData("""{"name":"Ana","email":"ana@exemplo.test","password":"curta"}""")]
    [InlineData("""{"name":" ","email":"ana@exemplo.test"}""")]
    public async Task What_is_no_account_is_refused(string body) =>
        Assert.Equal("validation_failed", await (await (await Admin()).Post(Users, body)).Refusal(HttpStatusCode.BadRequest));

    [Fact]
    public async Task An_admin_changes_what_an_account_says_and_nothing_that_has_a_route_of_its_own()
    {
        var admin = await Admin();
        var user = await app.Insert();
        var client = app.As(user);
        var changed = await (await admin.Patch($"{Users}/{user.Id}", """{"name":"Ana Souza","phone":"+5511987654321","metadata":{"note":"prefers calls"}}""")).Body();
        Assert.Equal(("Ana Souza", "+5511987654321"), (changed.Text("name"), changed.Text("phone")));
        Assert.Equal(changed.GetRawText(), (await (await client.Get("/api/v1/users/me")).Body()).GetRawText());
        Assert.Equal(JsonValueKind.Null, (await (await admin.Patch($"{Users}/{user.Id}", """{"phone":null}""")).Body()).GetProperty("phone").ValueKind);

        foreach (var body in (string[])["""{"email":"other@exemplo.test"}""", """{"roles":["admin"]}""", """{"isActive":false}""", """{"avatarFileId":null}"""])
            Assert.Equal("unknown_field", await (await admin.Patch($"{Users}/{user.Id}", body)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("not_found", await (await admin.Patch($"{Users}/{Guid.CreateVersion7()}", """{"name":"Ana"}""")).Refusal(HttpStatusCode.NotFound));
        // What it says is no reason to sign anybody out.
        Assert.Equal(1, await app.Scalar<long>($"select version from accounts.users where id = {user.Id}"));
    }

    [Fact]
    public async Task The_numbers_count_who_is_there_who_is_new_who_was_active_and_who_holds_what()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var before = await (await admin.Get($"{Users}/stats")).Body();
        var old = new User { Email = People.NewEmail(), Name = "Antiga", Roles = Roles.Customer | Roles.Owner, IsActive = false, CreatedAt = app.Clock.GetUtcNow().AddMonths(-1) };
        await app.WithDb(db => Task.FromResult(db.Add(old)));
        var email = People.NewEmail();
        await app.Register(email);
        await app.SignIn(email);
        await app.Insert(Roles.Staff | Roles.Moderator);
        var after = await (await admin.Get($"{Users}/stats")).Body();

        Assert.Equal((3, 2, 1), (Grown("total"), Grown("newThisMonth"), Grown("activeLast30Days")));
        Assert.Equal((2, 1, 1, 1, 0), (Held("customer"), Held("owner"), Held("staff"), Held("moderator"), Held("admin")));

        // Sessions are long forgotten after 29 days, and who was active is not; after 30 it does not count.
        await app.Execute($"delete from accounts.sessions");
        await app.Execute($"update accounts.last_seen set seen_on = seen_on - 29");
        Assert.Equal(after.GetProperty("activeLast30Days").GetInt64(), (await (await admin.Get($"{Users}/stats")).Body()).GetProperty("activeLast30Days").GetInt64());
        await app.Execute($"update accounts.last_seen set seen_on = seen_on - 1");
        Assert.Equal(0, (await (await admin.Get($"{Users}/stats")).Body()).GetProperty("activeLast30Days").GetInt64());

        long Grown(string name) => after.GetProperty(name).GetInt64() - before.GetProperty(name).GetInt64();
        long Held(string role) => after.GetProperty("byRole").GetProperty(role).GetInt64() - before.GetProperty("byRole").GetProperty(role).GetInt64();
    }

    [Fact]
    public async Task Whoever_refreshes_is_active_and_is_written_down_once_a_day()
    {
        var signedIn = await app.Register();
        var id = signedIn.GetProperty("user").Id();
        var first = await SeenOn();
        var next = (await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Body()).Text("refreshToken");
        Assert.Equal(first, await SeenOn());
        app.Clock.Advance(TimeSpan.FromDays(1));
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = next })).Body();
        Assert.Equal(first.AddDays(1), await SeenOn());

        Task<DateOnly> SeenOn() => app.Scalar<DateOnly>($"select seen_on from accounts.last_seen where user_id = {id}");
    }

    private async Task<HttpClient> Admin() => app.As(await app.Insert(Roles.Admin | Roles.Customer));

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres);
}
