using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Quitanda.Accounts.OAuth;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>Signing in by a provider that is a real one.</summary>
public sealed class ProviderSignInTests(OAuthApp app) : IClassFixture<OAuthApp>
{
    private const string Home = OAuthApp.Pages + "/oauth";

    [Theory]
    [InlineData("casa")]
    [InlineData("casa-ps")]
    [InlineData("casa-es")]
    [InlineData("casa-publica")]
    public async Task Somebody_new_gets_an_account_with_a_proved_address_and_is_the_same_the_next_time(string provider)
    {
        var person = Claims.Of(People.NewEmail());
        var visitor = new Visitor(app);
        var sentTo = await visitor.Begin(provider);
        var asked = QueryHelpers.ParseQuery(sentTo.Query);
        Assert.Equal(("code", "S256", "openid email profile"), (asked["response_type"].ToString(), asked["code_challenge_method"].ToString(), asked["scope"].ToString()));
        Assert.All((string[])["state", "nonce", "code_challenge"], name => Assert.Equal(43, asked[name].ToString().Length));
        Assert.Matches("^quitanda-oauth=[A-Za-z0-9_-]{43}; max-age=900; path=/; samesite=lax; httponly$", visitor.SetCookie!);

        var landed = await visitor.Return(await visitor.At(sentTo, person));

        Assert.Equal((Home, provider, null), (landed.Page, landed.Provider, landed.Error));
        var tokens = await (await visitor.Exchange(landed.Code)).Body();
        var user = tokens.GetProperty("user");
        Assert.Equal((person.Email, "Ana Souza", true), (user.Text("email"), user.Text("name"), user.GetProperty("emailVerified").GetBoolean()));
        Assert.Equal(user.Id(), (await app.Me(tokens.Text("accessToken"))).Id());
        Assert.Equal(1, await app.Count($"accounts.users where id = {user.Id()} and password_hash is null and verify_by is null"));
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = tokens.Text("refreshToken") })).Body();

        // The provider's own name for them decides: their address may change, and is somebody else's word.
        var again = await new Visitor(app).Enter(provider, person with { Email = People.NewEmail(), IsVerified = false });
        Assert.Equal(user.Id(), again.GetProperty("user").Id());
        Assert.Equal(1, await app.Count($"accounts.identities where user_id = {user.Id()}"));
        var log = await app.WithDb(db => db.Read($"select action || coalesce(' by ' || (details->>'way'), '') from platform.audit_log where actor_id = {user.Id()}", row => row.GetString(0), CancellationToken.None));
        Assert.Equal(["IdentityLinked by oauth", "SignedIn by oauth", "SignedIn by oauth", "UserRegistered"], log.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_proved_the_same_address_is_that_user_and_keeps_everything()
    {
        var email = People.NewEmail();
        var registered = await app.Register(email);
        await (await app.Verify(await app.TokenTo(email, "accounts.welcome"))).Body(HttpStatusCode.NoContent);

        var tokens = await new Visitor(app).Enter("casa", Claims.Of(email.ToUpperInvariant()));

        Assert.Equal(registered.GetProperty("user").Id(), tokens.GetProperty("user").Id());
        await app.Me(registered.Text("accessToken"));
        await (await app.SignIn(email)).Body();
        var told = (await app.LettersTo(email))[0];
        Assert.Equal("accounts.security-notice", told.Template);
        Assert.Contains("Casa", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_the_provider_has_not_verified_lets_nobody_in_and_makes_nothing()
    {
        var taken = People.NewEmail();
        await app.Register(taken);
        var users = await app.Count($"accounts.users");
        foreach (var person in new[] { Claims.Of(taken, isVerified: false), Claims.Of(People.NewEmail(), isVerified: false), Claims.Of(null), Claims.Of("no address"), Claims.Of("ana@localhost") })
        {
            var landed = await new Visitor(app).SignIn("casa", person);
            Assert.Equal((null, "email_not_verified", Home), (landed.Code, landed.Error, landed.Page));
        }

        Assert.Equal("email_not_verified", await app.LastRefusal());
        Assert.Equal(users, await app.Count($"accounts.users"));
    }

    [Fact]
    public async Task A_deactivated_user_is_refused_known_or_not()
    {
        var person = Claims.Of(People.NewEmail());
        var known = (await new Visitor(app).Enter("casa", person)).GetProperty("user").Id();
        var landed = await new Visitor(app).SignIn("casa", person);
        await app.Execute($"update accounts.users set is_active = false where id = {known}");

        // Also where the code was given before.
        Assert.Equal("invalid_credentials", await (await new Visitor(app).Exchange(landed.Code)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("account_inactive", (await new Visitor(app).SignIn("casa", person)).Error);
        Assert.Equal("account_inactive", (await new Visitor(app).SignIn("casa", Claims.Of((await app.Insert(isActive: false)).Email))).Error);
    }

    [Fact]
    public async Task Whoever_refuses_at_the_provider_or_was_refused_by_it_comes_back_with_a_word()
    {
        var visitor = new Visitor(app);
        Assert.Equal((null, "access_denied"), Said(await visitor.SignIn("casa", null, "?returnTo=/entrar")));
        Assert.Equal((null, "provider_unavailable"), Said(await visitor.Return("casa", await visitor.Begin("casa"), "&error=temporarily_unavailable")));
        Assert.Equal((null, "provider_error"), Said(await visitor.Return("casa", await visitor.Begin("casa"), "&error=invalid_scope&code=any")));
        Assert.Equal((null, "provider_error"), Said(await visitor.Return("casa", await visitor.Begin("casa"), "")));
        Assert.Equal((null, "provider_error"), Said(await visitor.Return("casa", await visitor.Begin("casa"), $"&code=made-up&iss={Uri.EscapeDataString(app.Oidc.Issuer)}")));
    }

    [Fact]
    public async Task A_code_is_good_once_and_for_a_minute()
    {
        var visitor = new Visitor(app);
        var landed = await visitor.SignIn("casa", Claims.Of(People.NewEmail()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => visitor.Exchange(landed.Code)));

        var tokens = await Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK).Body();
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Equal(1, await app.Count($"accounts.sessions where user_id = {tokens.GetProperty("user").Id()}"));
        Assert.Equal("invalid_code", await (await visitor.Exchange(landed.Code)).Refusal(HttpStatusCode.BadRequest));

        var late = await visitor.SignIn("casa", Claims.Of(People.NewEmail()));
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("invalid_code", await (await visitor.Exchange(late.Code)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("invalid_code", await (await visitor.Exchange(new string('a', 43))).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_and_a_missing_one_leaves_the_code_good()
    {
        var person = Claims.Of(People.NewEmail());
        var user = (await new Visitor(app).Enter("casa", person)).GetProperty("user").Id();
        var codes = await app.GiveSecondFactor(user);
        var visitor = new Visitor(app);
        var landed = await visitor.SignIn("casa", person);

        Assert.Equal("second_factor_required", await (await visitor.Exchange(landed.Code)).Refusal(HttpStatusCode.Unauthorized));
        // Longer than the code itself: it has to be looked for.
        app.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("invalid_credentials", await (await visitor.Exchange(landed.Code, "aaaa-bbbb-cccc-dddd")).Refusal(HttpStatusCode.Unauthorized));
        await (await visitor.Exchange(landed.Code, codes[0])).Body();
        Assert.Equal("invalid_code", await (await visitor.Exchange(landed.Code, codes[1])).Refusal(HttpStatusCode.BadRequest));

        var late = await visitor.SignIn("casa", person);
        for (var i = 0; i < 3; i++)
            await (await visitor.Exchange(late.Code)).Refusal(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("invalid_code", await (await visitor.Exchange(late.Code, codes[1])).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_code_that_was_begun_with_a_challenge_needs_its_verifier_and_one_begun_without_takes_none()
    {
        var verifier = new string('v', 43);
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var visitor = new Visitor(app);
        var person = Claims.Of(People.NewEmail());
        foreach (var wrong in (string?[])[null, new('w', 43)])
        {
            var landed = await visitor.SignIn("casa", person, $"?codeChallenge={challenge}");
            Assert.Equal("invalid_code", await (await visitor.Exchange(landed.Code, codeVerifier: wrong)).Refusal(HttpStatusCode.BadRequest));
            // Whoever had it has shown that it was not theirs.
            Assert.Equal("invalid_code", await (await visitor.Exchange(landed.Code, codeVerifier: verifier)).Refusal(HttpStatusCode.BadRequest));
        }

        await (await visitor.Exchange((await visitor.SignIn("casa", person, $"?codeChallenge={challenge}")).Code, codeVerifier: verifier)).Body();
        // Somebody else's code, begun without one, is not taken for one's own.
        Assert.Equal("invalid_code", await (await visitor.Exchange((await visitor.SignIn("casa", person)).Code, codeVerifier: verifier)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Two_who_come_back_at_once_as_somebody_new_are_one_account()
    {
        for (var round = 0; round < 5; round++)
        {
            var person = Claims.Of(People.NewEmail());
            var ways = new List<(Visitor Visitor, Uri Back)>();
            for (var i = 0; i < 8; i++)
            {
                var visitor = new Visitor(app);
                ways.Add((visitor, await visitor.At(await visitor.Begin(i % 2 == 0 ? "casa" : "casa-es"), person)));
            }

            var landed = await Task.WhenAll(ways.Select(way => way.Visitor.Return(way.Back)));

            Assert.All(landed, one => Assert.NotNull(one.Code));
            Assert.Equal(1, await app.Count($"accounts.users where email = {person.Email}"));
            Assert.Equal(1, await app.Count($"accounts.identities where subject = {person.Sub}"));
        }
    }

    [Fact]
    public async Task It_goes_on_at_another_process()
    {
        await using var other = await app.StartBeside([.. app.Settings.Select(setting => (setting.Key, setting.Value!))]);
        var here = new Visitor(app);
        var there = here.At(other.ClientFor(app.Guest));

        var landed = await there.Return(await here.At(await here.Begin("casa"), Claims.Of(People.NewEmail())));
        await (await here.Exchange(landed.Code)).Body();
        Assert.Equal("invalid_code", await (await there.Exchange(landed.Code)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Anyone_sees_which_providers_there_are_and_nothing_of_how_they_are_spoken_to()
    {
        var list = await (await app.Guest.Get("/api/v1/auth/oauth")).Body();
        Assert.Equal(["casa=Casa", "casa-es=casa-es", "casa-ps=casa-ps", "casa-publica=casa-publica", "github=GitHub", "gone=gone", "liar=liar"],
            list.GetProperty("data").EnumerateArray().Select(one => $"{one.Text("provider")}={one.Text("name")}"), StringComparer.Ordinal);
        Assert.Equal("not_found", await (await new Visitor(app).Ask("nobody")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await app.Guest.Get("/api/v1/auth/oauth/nobody/callback?state=a&code=b")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task What_is_held_is_told_to_its_person_and_goes_with_them()
    {
        var person = Claims.Of(People.NewEmail());
        var tokens = await new Visitor(app).Enter("casa", person);
        await new Visitor(app).SignIn("casa", person);
        var client = app.CreateClient(tokens.Text("accessToken"));
        var held = Assert.Single((await (await client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("identities").EnumerateArray());
        Assert.Equal(("casa", app.Oidc.Issuer, person.Sub, person.Email), (held.Text("provider"), held.Text("issuer"), held.Text("subject"), held.Text("email")));

        await (await client.Send(HttpMethod.Delete, "/api/v1/users/me")).Body(HttpStatusCode.NoContent);
        Assert.Equal((0, 0), (await app.Count($"accounts.identities where subject = {person.Sub}"), await app.Count($"accounts.oauth_codes where user_id = {tokens.GetProperty("user").Id()}")));
        Assert.NotEqual(tokens.GetProperty("user").Id(), (await new Visitor(app).Enter("casa", person)).GetProperty("user").Id());
    }

    [Fact]
    public async Task What_nobody_came_back_for_is_forgotten_and_no_secret_is_in_the_log()
    {
        var visitor = new Visitor(app);
        var sentTo = await visitor.Begin("casa");
        await visitor.SignIn("casa", Claims.Of(People.NewEmail()));
        await visitor.Return("casa", sentTo, "&code=made-up-code");
        await visitor.Begin("casa");
        app.Clock.Advance(TimeSpan.FromHours(2));
        await app.WithDb(db =>
        {
            db.Schedule(ForgetSignIns.Kind, new Tick(app.Clock.GetUtcNow()), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await app.RunJobs();

        Assert.Equal((0, 0), (await app.Count($"accounts.oauth_states"), await app.Count($"accounts.oauth_codes")));
        foreach (var secret in (string[])[OidcServer.Secret, "made-up-code", QueryHelpers.ParseQuery(sentTo.Query)["state"].ToString(), visitor.Cookies["quitanda-oauth"]])
            Assert.DoesNotContain(app.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        Assert.Contains(app.Log.Lines, line => line.Contains("casa failed", StringComparison.Ordinal));
    }

    private static (string? Code, string? Error) Said(Landing landed) => (landed.Code, landed.Error);
}
