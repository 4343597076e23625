using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Accounts;

/// <summary>A request was let in, and while it goes on the account is taken back: what it makes must not open the account again.</summary>
public sealed class StandingTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Theory]
    [InlineData("/api/v1/api-keys", """{"name":"Volta","scopes":["users:read"]}""")]
    [InlineData("/api/v1/auth/totp", null)]
    [InlineData("/api/v1/auth/totp/confirm", """{"code":"000000"}""")]
    public async Task Whoever_was_let_in_before_the_session_ended_makes_no_way_back(string route, string? body)
    {
        var user = await app.Insert();
        var session = await app.InsertSession(user);
        var client = app.CreateClient(app.Services.GetRequiredService<AccessTokens>().Issue(user.Id, session, user.Version));
        await (await client.Get("/api/v1/users/me")).Body();
        Task<HttpResponseMessage>? sent = null;

        await app.InScope(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            await db.Execute($"update accounts.users set version = version + 1 where id = {user.Id}", CancellationToken.None);
            await db.Execute($"update accounts.sessions set revoked_at = {app.Clock.GetUtcNow()} where id = {session}", CancellationToken.None);
            sent = client.Send(HttpMethod.Post, route, body);
            await app.UntilOneWaits();
            return true;
        });

        Assert.Equal("unauthenticated", await (await sent!).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal(0, await app.Scalar<long>($"select (select count(*) from accounts.api_keys where user_id = {user.Id}) + (select count(*) from accounts.authenticators where user_id = {user.Id})"));
    }
}
