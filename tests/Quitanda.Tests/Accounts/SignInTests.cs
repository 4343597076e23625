using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Passwords;

namespace Quitanda.Tests.Accounts;

public sealed class SignInTests(SignInTests.App app) : IClassFixture<SignInTests.App>
{
    [Fact]
    public async Task The_address_counts_in_any_case_and_the_tokens_work()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var body = await (await app.SignIn(email.ToUpperInvariant())).Body();

        Assert.Equal(email, body.GetProperty("user").Text("email"));
        await (await app.CreateClient(body.Text("accessToken")).Get("/api/v1/users/me")).Body();
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = body.Text("refreshToken") })).Body();
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_a_deactivated_account_are_answered_alike()
    {
        var email = People.NewEmail();
        var deactivated = await app.Register();
        await app.Register(email);
        await app.Execute($"update accounts.users set is_active = false where id = {deactivated.GetProperty("user").Id()}");

        var answers = new[]
        {
            await app.SignIn(email, "not the password"),
            await app.SignIn(People.NewEmail()),
            await app.SignIn(deactivated.GetProperty("user").Text("email")),
            await app.SignIn("no address at all"),
        };

        var bodies = await Task.WhenAll(answers.Select(async answer => Plain(await answer.Body(HttpStatusCode.Unauthorized))));
        Assert.Single(bodies.Distinct(StringComparer.Ordinal));
        Assert.Contains("invalid_credentials", bodies[0], StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_five_failures_an_address_is_locked_for_15_minutes_whether_it_has_an_account_or_not(bool hasAccount)
    {
        var email = People.NewEmail();
        if (hasAccount)
            await app.Register(email);
        for (var i = 0; i < 5; i++)
            Assert.Equal("invalid_credentials", await (await app.SignIn(email, $"wrong number {i}")).Refusal(HttpStatusCode.Unauthorized));

        Assert.Equal("account_locked", await (await app.SignIn(email, "wrong again")).Refusal(HttpStatusCode.Locked));
        Assert.Equal("account_locked", await (await app.SignIn(email.ToUpperInvariant())).Refusal(HttpStatusCode.Locked));

        app.Clock.Advance(TimeSpan.FromMinutes(15));
        var later = await app.SignIn(email);
        Assert.Equal(hasAccount ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, later.StatusCode);
    }

    [Fact]
    public async Task A_success_makes_failures_forgotten()
    {
        var email = People.NewEmail();
        await app.Register(email);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
                await (await app.SignIn(email, "wrong")).Refusal(HttpStatusCode.Unauthorized);
            await (await app.SignIn(email)).Body();
        }
    }

    [Fact]
    public async Task Of_thirty_guesses_at_once_no_more_than_five_are_told_whether_they_were_right()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => app.SignIn(email, $"guess number {i}")));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(25, answers.Count(answer => answer.StatusCode == HttpStatusCode.Locked));
    }

    [Fact]
    public async Task A_hash_of_fewer_iterations_is_made_anew_at_sign_in()
    {
        var email = People.NewEmail();
        var id = (await app.Register(email)).GetProperty("user").Id();
        var weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 50_000 })).HashPassword(new(), People.Password);
        await app.Execute($"update accounts.users set password_hash = {weak} where id = {id}");

        await (await app.SignIn(email, "wrong")).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal(weak, await Stored());
        await (await app.SignIn(email)).Body();

        var stronger = await Stored();
        Assert.NotEqual(weak, stronger, StringComparer.Ordinal);
        Assert.Equal(100_000u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Convert.FromBase64String(stronger!).AsSpan(5)));
        await (await app.SignIn(email)).Body();

        Task<string?> Stored() => app.Scalar<string>($"select password_hash from accounts.users where id = {id}");
    }

    [Fact]
    public async Task Somebody_without_a_password_cannot_sign_in_with_any()
    {
        var user = await app.Insert();
        Assert.Equal("invalid_credentials", await (await app.SignIn(user.Email!)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task No_connection_is_held_while_a_password_is_hashed()
    {
        // There are fewer connections than sign-ins: held while hashing, none would be left, and each read would wait for a hash to end.
        const int SignIns = 16;
        var reader = app.As(await app.Insert());
        var signingIn = Task.WhenAll(Enumerable.Range(0, SignIns).Select(_ => app.SignIn(People.NewEmail())));
        var reads = 0;
        for (; !signingIn.IsCompleted; reads++)
            await (await reader.Get("/api/v1/users/me")).Body();

        Assert.All(await signingIn, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.True(reads > 3 * SignIns, $"{reads} reads while {SignIns} signed in");
    }

    [Fact]
    public async Task An_absurdly_long_queue_is_refused()
    {
        using var passwords = new PasswordHashing(Options.Create(new Quitanda.Accounts.AccountSettings { PasswordsAtOnce = 1, PasswordsWaiting = 1 }));
        List<Task> hashing = [];
        var refused = Assert.Throws<Quitanda.Platform.RefusedException>(() =>
        {
            for (var i = 0; i < 10; i++)
                hashing.Add(passwords.Hash(People.Password, TestContext.Current.CancellationToken));
        });

        Assert.Equal(("unavailable", 503), (refused.Code, refused.Status));
        await Task.WhenAll(hashing);
    }

    private static string Plain(JsonElement problem) => string.Join(';', problem.EnumerateObject().Where(member => member.Name != "traceId").Select(member => member.Value.GetRawText()));

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration["Accounts:PasswordIterations"] = "100000";
            builder.Services.Replace(ServiceDescriptor.Singleton<PasswordHashing, PasswordHashing>());
            builder.Configuration["Database:PoolSize"] = "4";
        }
    }
}
