using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class SignUpTests(SignUpTests.App app) : IClassFixture<SignUpTests.App>
{
    [Fact]
    public async Task Signing_up_gives_a_customer_with_tokens_that_work_and_shows_no_hash()
    {
        var response = await app.Guest.Post("/api/v1/auth/register", new { name = " Ana Souza ", email = "Ana.Souza@Exemplo.test", password = People.Password, username = "Ana_Souza", phone = "+5511987654321" });
        var body = await response.Body(HttpStatusCode.Created);
        var user = body.GetProperty("user");

        Assert.Equal("/api/v1/users/me", response.Headers.Location?.ToString());
        Assert.Equal(("Ana Souza", "Ana.Souza@Exemplo.test", "ana_souza", "pt-BR"), (user.Text("name"), user.Text("email"), user.Text("username"), user.Text("locale")));
        Assert.Equal("[\"customer\"]", user.GetProperty("roles").GetRawText());
        Assert.False(user.GetProperty("emailVerified").GetBoolean());
        Assert.Equal((900, "Bearer"), (body.GetProperty("expiresIn").GetInt32(), body.Text("tokenType")));
        var me = await (await app.CreateClient(body.Text("accessToken")).Get("/api/v1/users/me")).Body();
        Assert.Equal(user.GetRawText(), me.GetRawText());
        Assert.DoesNotContain("hash", body.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("password", body.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("AQAAAAI", await app.Scalar<string>($"select password_hash from accounts.users where id = {user.Id()}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_twenty_at_once_with_one_address_in_any_case_one_gets_it()
    {
        var email = People.NewEmail();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            app.Guest.Post("/api/v1/auth/register", new { name = "Ana", email = i % 2 == 0 ? email : email.ToUpperInvariant(), password = People.Password })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("email_taken", await answer.Refusal(HttpStatusCode.Conflict));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.sessions s join accounts.users u on u.id = s.user_id where lower(u.email) = {email}"));
    }

    [Fact]
    public async Task A_username_is_taken_whatever_its_case()
    {
        await (await app.Guest.Post("/api/v1/auth/register", new { name = "Bia", email = People.NewEmail(), password = People.Password, username = "bia.lima" })).Body(HttpStatusCode.Created);
        var second = await app.Guest.Post("/api/v1/auth/register", new { name = "Bia", email = People.NewEmail(), password = People.Password, username = "Bia.Lima" });

        Assert.Equal("username_taken", await second.Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Somebody_who_signed_up_is_announced_once_and_a_refused_one_never()
    {
        var email = People.NewEmail();
        await app.RunJobs();
        var before = app.Heard.Count;
        var id = (await app.Register(email)).GetProperty("user").Id();
        await (await app.Guest.Post("/api/v1/auth/register", new { name = "Ana", email, password = People.Password })).Refusal(HttpStatusCode.Conflict);
        await app.RunJobs();

        Assert.Single(app.Heard, message => message.UserId == id);
        Assert.Equal(before + 1, app.Heard.Count);
    }

    [Theory]
    [InlineData("name", " ")]
    [InlineData("name", "two\nlines")]
    [InlineData("email", "no-at.example")]
    [InlineData("email", "a@b")]
    [InlineData("email", "a@@b.example")]
    [InlineData("email", "a..b@c.example")]
    [InlineData("email", "ana@exemplo.test\n")]
    [InlineData("email", "аna@exemplo.test")]
    [InlineData("password", "7 chars")]
    [InlineData("username", "no")]
    [InlineData("username", "não")]
    [InlineData("phone", "11987654321")]
    [InlineData("phone", "+0123456789")]
    public async Task What_is_not_valid_is_named(string field, string value)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = "Ana", ["email"] = People.NewEmail(), ["password"] = People.Password, [field] = value };
        var problem = await (await app.Guest.Post("/api/v1/auth/register", fields)).Body(HttpStatusCode.BadRequest);

        Assert.Equal("validation_failed", problem.Text("code"));
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
        Assert.DoesNotContain(value, field == "password" ? problem.GetRawText() : "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passwords_have_8_to_128_characters_of_any_kind()
    {
        Assert.Equal("validation_failed", await (await Try(new string('x', 129))).Refusal(HttpStatusCode.BadRequest));
        await (await Try(new string('x', 128))).Body(HttpStatusCode.Created);
        await (await Try("        ")).Body(HttpStatusCode.Created);
        await (await Try("🥟🥟🥟🥟")).Body(HttpStatusCode.Created);

        Task<HttpResponseMessage> Try(string password) => app.Guest.Post("/api/v1/auth/register", new { name = "Ana", email = People.NewEmail(), password });
    }

    [Theory]
    [InlineData("""{"name":"Ana","email":"x@exemplo.test","password":"long enough","roles":["admin"]}""", "unknown_field")]
    [InlineData("""{"name":"Ana","email":"x@exemplo.test","password":"long enough","isActive":true}""", "unknown_field")]
    [InlineData("""{"name":"Ana","email":"x@exemplo.test","password":"long enough","hash":"x"}""", "unknown_field")]
    [InlineData("{}", "validation_failed")]
    public async Task Nobody_signs_up_as_more_than_a_customer(string body, string code) =>
        Assert.Equal(code, await (await app.Guest.Post("/api/v1/auth/register", body)).Refusal(HttpStatusCode.BadRequest));

    [Fact]
    public async Task The_same_sign_up_sent_again_has_no_second_effect_and_its_tokens_are_not_kept()
    {
        var client = app.CreateClient();
        client.DefaultRequestHeaders.Add("Idempotency-Key", "sign-up-1");
        var body = JsonSerializer.Serialize(new { name = "Ana", email = People.NewEmail(), password = People.Password });
        var first = await (await client.Post("/api/v1/auth/register", body)).Body(HttpStatusCode.Created);

        Assert.Equal("already_done", await (await client.Post("/api/v1/auth/register", body)).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.idempotency_keys where position(convert_to({first.Text("refreshToken")}, 'UTF8') in body) > 0"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.refresh_tokens where encode(hash, 'escape') like {"%" + first.Text("refreshToken")[..8] + "%"}"));
    }

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        internal System.Collections.Concurrent.ConcurrentBag<UserRegistered> Heard { get; } = [];

        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Services.AddSingleton(Heard).Subscribe<UserRegistered, Hear>("tests.hear-user-registered");
        }
    }

    internal sealed class Hear(System.Collections.Concurrent.ConcurrentBag<UserRegistered> heard) : IHandle<UserRegistered>
    {
        public Task Handle(UserRegistered message, CancellationToken ct)
        {
            heard.Add(message);
            return Task.CompletedTask;
        }
    }
}
