using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebUtilities;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>The cookie by which a browser is known, where the front end is at the same address, and where both are reached by https.</summary>
public sealed class ProviderCookieTests(ProviderCookieTests.Near near, ProviderCookieTests.Secure secure) : IClassFixture<ProviderCookieTests.Near>, IClassFixture<ProviderCookieTests.Secure>
{
    [Fact]
    public async Task A_browser_whose_front_end_is_at_the_same_address_must_exchange_the_code_itself()
    {
        var (attacker, victim) = (new Visitor(near), new Visitor(near));
        var landed = await attacker.SignIn("casa", Claims.Of(People.NewEmail()));
        Assert.StartsWith("http://localhost/loja/oauth", landed.Page, StringComparison.Ordinal);

        Assert.Equal("invalid_code", await (await victim.Exchange(landed.Code)).Refusal(HttpStatusCode.BadRequest));
        await (await attacker.Exchange((await attacker.SignIn("casa", Claims.Of(People.NewEmail()))).Code)).Body();
    }

    [Fact]
    public async Task By_https_the_cookie_is_one_that_no_neighbour_can_plant()
    {
        var visitor = new Visitor(secure);
        var sentTo = await visitor.Begin("liar");

        Assert.Matches("^__Host-quitanda-oauth=[A-Za-z0-9_-]{43}; max-age=900; path=/; secure; samesite=lax; httponly$", visitor.SetCookie!);
        Assert.Equal("https://api.exemplo.test/api/v1/auth/oauth/liar/callback", QueryHelpers.ParseQuery(sentTo.Query)["redirect_uri"]);
        Assert.Equal("access_denied", (await visitor.Return("liar", sentTo, "&error=access_denied")).Error);
    }

    /// <summary>Its front end is at its own address.</summary>
    public sealed class Near(TestPostgres postgres) : OAuthApp(postgres)
    {
        internal override string FrontEnd => "http://localhost/loja";
    }

    /// <summary>Is reached by https.</summary>
    public sealed class Secure(TestPostgres postgres) : OAuthApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["OAuth:BaseUrl"] = "https://api.exemplo.test";
        }
    }
}
