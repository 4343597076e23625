using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>What others try with somebody's way to a provider and back.</summary>
public sealed class ProviderAttackTests(OAuthApp app) : IClassFixture<OAuthApp>
{
    [Fact]
    public async Task Nobody_ends_what_another_browser_began()
    {
        var (attacker, victim) = (new Visitor(app), new Visitor(app));
        var person = Claims.Of(People.NewEmail());
        var back = await attacker.At(await attacker.Begin("casa"), person);

        // Without any cookie, and with one of their own.
        Assert.Equal((null, "invalid_state"), Said(await victim.Return(back)));
        await victim.Begin("casa");
        Assert.Equal((null, "invalid_state"), Said(await victim.Return(back)));
        victim.Cookies["quitanda-oauth"] = "not one of ours";
        Assert.Equal((null, "invalid_state"), Said(await victim.Return(back)));
        Assert.Equal(0, await app.Count($"accounts.identities where subject = {person.Sub}"));
        // Whose it is can still end it.
        Assert.NotNull((await attacker.Return(back)).Code);
    }

    [Fact]
    public async Task A_way_back_is_gone_once_however_often_and_by_whatever_end()
    {
        var visitor = new Visitor(app);
        var back = await visitor.At(await visitor.Begin("casa"), Claims.Of(People.NewEmail()));
        var landed = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => visitor.Return(back)));
        Assert.Single(landed, one => one.Code is not null);
        Assert.Equal(19, landed.Count(one => one.Error == "invalid_state"));

        var denied = await visitor.Begin("casa");
        Assert.Equal("access_denied", (await visitor.Return("casa", denied, "&error=access_denied")).Error);
        Assert.Equal("invalid_state", (await visitor.Return("casa", denied)).Error);

        var late = await visitor.At(await visitor.Begin("casa"), Claims.Of(People.NewEmail()));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("invalid_state", (await visitor.Return(late)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("state=")]
    [InlineData("state=x")]
    [InlineData("state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("error=access_denied")]
    public async Task Whoever_comes_from_nowhere_is_told_so_on_the_front_end(string query)
    {
        var visitor = new Visitor(app);
        await visitor.Begin("casa");
        var landed = await visitor.Return(new Uri($"http://localhost/api/v1/auth/oauth/casa/callback?code=any&{query}"));
        Assert.Equal((OAuthApp.Pages + "/oauth", null, "invalid_state"), (landed.Page, landed.Code, landed.Error));
    }

    [Fact]
    public async Task What_one_provider_was_asked_for_another_does_not_answer()
    {
        var visitor = new Visitor(app);
        var before = app.Liar.Asked.Tokens;
        var sentTo = await visitor.Begin("liar");
        var honest = await visitor.At(await visitor.Begin("casa"), Claims.Of(People.NewEmail()));
        var code = QueryHelpers.ParseQuery(honest.Query)["code"];

        // The state of one, brought to the other.
        Assert.Equal("invalid_state", (await visitor.Return("casa", sentTo, $"&code={code}")).Error);
        // The code of one, brought to the other: it says who gave it, before anybody is shown it.
        Assert.Equal("provider_error", (await visitor.Return("liar", sentTo, $"&code={code}&iss={Uri.EscapeDataString(app.Oidc.Issuer)}")).Error);
        Assert.Equal("provider_error: Somebody came back from another issuer.", await app.LastRefusal());
        Assert.Equal(before, app.Liar.Asked.Tokens);

        // One that always says who it is, and now does not.
        Assert.Equal("provider_error", (await visitor.Return("casa", await visitor.Begin("casa"), $"&code={code}")).Error);
        Assert.Equal("provider_error: Somebody came back from another issuer.", await app.LastRefusal());
    }

    [Fact]
    public async Task A_code_brought_into_another_sign_in_of_the_same_browser_is_no_good()
    {
        var visitor = new Visitor(app);
        var attackers = await new Visitor(app).At(await new Visitor(app).Begin("casa"), Claims.Of(People.NewEmail()));
        var code = QueryHelpers.ParseQuery(attackers.Query)["code"];

        // PKCE: the provider gives nothing for it.
        Assert.Equal("provider_error", (await visitor.Return("casa", await visitor.Begin("casa"), $"&code={code}&iss={Uri.EscapeDataString(app.Oidc.Issuer)}")).Error);
        Assert.Equal("provider_error: Its token endpoint answered 400.", await app.LastRefusal());
    }

    [Theory]
    [InlineData("/checkout?cart=1", "https://loja.exemplo.test/checkout?cart=1")]
    [InlineData("/conta/", "https://loja.exemplo.test/conta/")]
    [InlineData("https://loja.exemplo.test/a", "https://loja.exemplo.test/a")]
    [InlineData("https://LOJA.exemplo.test:443/a", "https://loja.exemplo.test/a")]
    public async Task A_page_of_the_front_end_is_gone_on_at_and_the_code_goes_to_none_but_its_own_page(string returnTo, string page)
    {
        var landed = await new Visitor(app).SignIn("casa", Claims.Of(People.NewEmail()), $"?returnTo={Uri.EscapeDataString(returnTo)}");
        Assert.Equal((OAuthApp.Pages + "/oauth", page), (landed.Page, landed.ReturnTo));
        Assert.NotNull(landed.Code);
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test")]
    [InlineData("///evil.test")]
    [InlineData("/\\evil.test")]
    [InlineData("\\\\evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData(" //evil.test")]
    [InlineData("http://loja.exemplo.test/")]
    [InlineData("https://loja.exemplo.test:8443/")]
    [InlineData("https://loja.exemplo.test.evil.test/")]
    [InlineData("https://loja.exemplo.test@evil.test/")]
    [InlineData("https://ana@loja.exemplo.test/")]
    [InlineData("https:evil.test")]
    [InlineData("javascript://loja.exemplo.test/%0aalert(1)")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("/a#code=mine")]
    [InlineData("checkout")]
    [InlineData("")]
    public async Task Nobody_is_sent_anywhere_else(string returnTo)
    {
        var problem = await (await new Visitor(app).Ask("casa", $"?returnTo={Uri.EscapeDataString(returnTo)}")).Body(HttpStatusCode.BadRequest);
        Assert.Equal(("validation_failed", "returnTo"), (problem.Text("code"), problem.GetProperty("errors").EnumerateObject().Single().Name));
    }

    [Fact]
    public async Task A_provider_that_is_not_there_leads_back_at_once()
    {
        var visitor = new Visitor(app);
        var answer = await visitor.Ask("gone", "?returnTo=/entrar");
        await answer.Body(HttpStatusCode.Found);
        Assert.Equal(OAuthApp.Pages + "/oauth#error=provider_unavailable&provider=gone&returnTo=https%3A%2F%2Floja.exemplo.test%2Fentrar", answer.Headers.Location?.OriginalString);
        Assert.Null(visitor.SetCookie);
    }

    [Theory]
    [InlineData("OAuth:BeginsPerAddress")]
    [InlineData("OAuth:ReturnsPerAddress")]
    [InlineData("OAuth:ExchangesPerAddress")]
    public async Task Each_step_is_limited_by_address_over_all_processes(string setting)
    {
        (string, string)[] settings = [.. app.Settings.Where(pair => pair.Key != setting).Select(pair => (pair.Key, pair.Value!)), (setting, "3")];
        await app.Execute($"delete from platform.limits");
        await using var one = await app.StartBeside(settings);
        await using var two = await app.StartBeside(settings);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            using var client = (i % 2 == 0 ? one : two).ClientFor(app.Guest);
            var answer = setting switch
            {
                "OAuth:BeginsPerAddress" => await client.Get("/api/v1/auth/oauth/casa"),
                "OAuth:ReturnsPerAddress" => await client.Get("/api/v1/auth/oauth/casa/callback?state=x"),
                _ => await client.Post("/api/v1/auth/oauth/exchange", new { code = new string('a', 43) }),
            };
            statuses.Add(answer.StatusCode);
        }

        Assert.All(statuses[..3], status => Assert.NotEqual(HttpStatusCode.TooManyRequests, status));
        Assert.All(statuses[3..], status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
    }

    private static (string? Code, string? Error) Said(Landing landed) => (landed.Code, landed.Error);
}
