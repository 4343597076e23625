using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Quitanda.Tests.Accounts;

public sealed class LetterLimitTests(LetterLimitTests.App app) : IClassFixture<LetterLimitTests.App>
{
    [Theory]
    [InlineData("/api/v1/auth/forgot-password", "/api/v1/auth/verify-email/resend")]
    public async Task Whoever_asks_for_letters_is_limited_however_many_addresses_they_name(params string[] routes)
    {
        for (var i = 0; i < 3; i++)
            await (await app.Guest.Post(routes[i % 2], new { email = People.NewEmail() })).Body(HttpStatusCode.Accepted);
        foreach (var route in routes)
            Assert.Equal("rate_limited", await (await app.Guest.Post(route, new { email = People.NewEmail() })).Refusal(HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Whoever_tries_tokens_is_limited()
    {
        for (var i = 0; i < 3; i++)
            await (await (i % 2 == 0 ? app.Verify($"guess {i}") : app.Reset($"guess {i}", People.Password))).Refusal(HttpStatusCode.BadRequest);
        Assert.Equal("rate_limited", await (await app.Verify("guess")).Refusal(HttpStatusCode.TooManyRequests));
        Assert.Equal("rate_limited", await (await app.Reset("guess", People.Password)).Refusal(HttpStatusCode.TooManyRequests));
    }

    public sealed class App(TestPostgres postgres) : LettersApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Accounts:LettersPerAddress"] = "3";
            builder.Configuration["Accounts:TokensPerAddress"] = "3";
        }
    }
}
