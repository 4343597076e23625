using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class SessionTests(SessionTests.App app) : IClassFixture<SessionTests.App>
{
    [Fact]
    public async Task A_refresh_gives_a_new_pair_and_spends_the_old_one()
    {
        var first = await app.Register();
        var second = await (await Refresh(first.Text("refreshToken"))).Body();
        var third = await (await Refresh(second.Text("refreshToken"))).Body();

        Assert.Equal(3, new[] { first, second, third }.Select(pair => pair.Text("refreshToken")).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((900, "Bearer"), (second.GetProperty("expiresIn").GetInt32(), second.Text("tokenType")));
        await (await app.CreateClient(third.Text("accessToken")).Get("/api/v1/users/me")).Body();
    }

    [Fact]
    public async Task A_spent_token_used_again_ends_its_whole_family_and_no_other()
    {
        var email = People.NewEmail();
        var first = await app.Register(email);
        var other = await (await app.SignIn(email)).Body();
        var second = await (await Refresh(first.Text("refreshToken"))).Body();

        Assert.Equal("unauthenticated", await (await Refresh(first.Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("unauthenticated", await (await Refresh(second.Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized));
        await (await Refresh(other.Text("refreshToken"))).Body();
    }

    [Fact]
    public async Task Of_a_hundred_at_once_with_one_token_one_gets_a_pair_and_the_family_ends()
    {
        var token = (await app.Register()).Text("refreshToken");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Refresh(token)));

        var winner = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(99, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal("unauthenticated", await (await Refresh((await winner.Body()).Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_refresh_token_ends_after_7_days_without_use()
    {
        var used = (await app.Register()).Text("refreshToken");
        app.Clock.Advance(TimeSpan.FromDays(6));
        var next = (await (await Refresh(used)).Body()).Text("refreshToken");
        app.Clock.Advance(TimeSpan.FromDays(6));
        next = (await (await Refresh(next)).Body()).Text("refreshToken");
        app.Clock.Advance(TimeSpan.FromDays(7));

        await (await Refresh(next)).Refusal(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_is_no_refresh_token_is_refused()
    {
        foreach (var token in new[] { "x", new string('A', 43), "'; drop table accounts.users; --" })
            Assert.Equal("unauthenticated", await (await Refresh(token)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("validation_failed", await (await app.Guest.Post("/api/v1/auth/refresh", "{}")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("malformed_json", await (await app.Guest.Post("/api/v1/auth/refresh")).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Signing_out_ends_that_session_and_is_answered_alike_for_any_token()
    {
        var email = People.NewEmail();
        var here = await app.Register(email);
        var there = await (await app.SignIn(email)).Body();

        foreach (var token in new[] { here.Text("refreshToken"), here.Text("refreshToken"), "nonsense" })
            await (await app.Guest.Post("/api/v1/auth/logout", new { refreshToken = token })).Body(HttpStatusCode.NoContent);

        await (await Refresh(here.Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized);
        await (await Refresh(there.Text("refreshToken"))).Body();
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_all_of_ones_own_sessions_and_access_tokens_and_nobody_elses()
    {
        var email = People.NewEmail();
        var here = await app.Register(email);
        var there = await (await app.SignIn(email)).Body();
        var stranger = await app.Register();
        var client = app.CreateClient(here.Text("accessToken"));

        await (await client.Post("/api/v1/auth/logout-all")).Body(HttpStatusCode.NoContent);

        await (await Refresh(here.Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized);
        await (await Refresh(there.Text("refreshToken"))).Refusal(HttpStatusCode.Unauthorized);
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.CreateClient(there.Text("accessToken")).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.CreateClient(stranger.Text("accessToken")).Get("/api/v1/users/me")).Body();
        await (await Refresh(stranger.Text("refreshToken"))).Body();
        await (await app.SignIn(email)).Body();
        Assert.Equal("unauthenticated", await (await app.Guest.Post("/api/v1/auth/logout-all")).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_session_remembers_its_device_cut_to_200_characters()
    {
        var client = app.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", new string('a', 199) + "🥟 and more");
        var id = (await (await client.Post("/api/v1/auth/register", new { name = "Ana", email = People.NewEmail(), password = People.Password })).Body(HttpStatusCode.Created)).GetProperty("user").Id();

        Assert.Equal(new string('a', 199), await app.Scalar<string>($"select device from accounts.sessions where user_id = {id}"));
    }

    [Fact]
    public async Task What_has_ended_is_forgotten_and_nothing_else()
    {
        var ended = await app.Register();
        await (await app.SignIn(People.NewEmail())).Refusal(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1));
        var going = await app.Register();

        await app.InScope(async provider =>
        {
            await new Quitanda.Accounts.Sessions.ForgetExpired(provider.GetRequiredService<Db>()).Handle(new(app.Clock.GetUtcNow()), CancellationToken.None);
            return true;
        });

        Assert.Equal(0, await Sessions(ended));
        Assert.Equal(1, await Sessions(going));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.sign_in_failures where last_at < {app.Clock.GetUtcNow() - TimeSpan.FromMinutes(15)}"));
        await (await Refresh(going.Text("refreshToken"))).Body();

        Task<long> Sessions(JsonElement signedIn) => app.Scalar<long>($"select count(*) from accounts.sessions where user_id = {signedIn.GetProperty("user").Id()}");
    }

    private Task<HttpResponseMessage> Refresh(string refreshToken) => app.Guest.Post("/api/v1/auth/refresh", new { refreshToken });

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres);
}
