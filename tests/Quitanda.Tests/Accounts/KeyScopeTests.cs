using System.Net;
using Microsoft.AspNetCore.Routing;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>What a key must hold is asked for on every route. Routes are discovered, so a new one is covered at birth.</summary>
public sealed class KeyScopeTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public void Every_route_has_one_scope_or_is_for_people_alone()
    {
        var routes = Things.Routes(app).ToList();

        Assert.True(routes.Count > 60);
        Assert.Empty(routes.Where(route => route.Endpoint.Metadata.GetOrderedMetadata<KeyScope>().Count != 1).Select(route => $"{route.Method} {route.Pattern}"));
        Assert.Empty(routes.Where(route => IsWrong(route.Method, route.Pattern, ScopeOf(route.Endpoint))).Select(route => $"{route.Method} {route.Pattern}: {ScopeOf(route.Endpoint)}"));
    }

    [Fact]
    public void A_scope_that_says_another_thing_than_its_route_is_found()
    {
        Assert.True(IsWrong("GET", "/api/v1/orders/mine", "orders:write"));
        Assert.True(IsWrong("POST", "/api/v1/orders", "orders:read"));
        Assert.True(IsWrong("GET", "/api/v1/orders", "products:read"));
        Assert.True(IsWrong("GET", "/api/v1/orders", null));
        Assert.True(IsWrong("POST", "/api/v1/auth/login", "auth:write"));
        Assert.True(IsWrong("DELETE", "/api/v1/users/me", "users:write"));
        Assert.False(IsWrong("DELETE", "/api/v1/users/me/addresses/{}", "users:write"));
        Assert.False(IsWrong("GET", "/api/v1/users/{}", "users:read"));
        Assert.False(IsWrong("PUT", "/api/v1/users/{}/roles", null));
    }

    [Fact]
    public async Task No_route_answers_a_key_that_lacks_its_scope_and_none_for_people_answers_a_key_at_all()
    {
        var all = Things.Routes(app).Select(route => ScopeOf(route.Endpoint)).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        var clients = new Dictionary<string, HttpClient>(StringComparer.Ordinal);
        foreach (var missing in (string[])[.. all, ""])
            clients[missing] = await Holding(all.Where(scope => scope != missing));

        foreach (var (method, pattern, endpoint) in Things.Routes(app).Where(route => route.Endpoint.Metadata.GetMetadata<IgnoresAccessToken>() is null))
        {
            var request = new HttpRequestMessage(new HttpMethod(method), pattern.Replace("{}", Guid.Empty.ToString(), StringComparison.Ordinal));
            var response = await clients[ScopeOf(endpoint) ?? ""].SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{method} {pattern} answered a key {(int)response.StatusCode}");
            Assert.Equal("insufficient_scope", await response.Refusal(HttpStatusCode.Forbidden));
        }

        async Task<HttpClient> Holding(IEnumerable<string> scopes)
        {
            // Each of somebody else: nobody has so many keys as there are scopes.
            var (admin, client) = (await app.Insert(Roles.Customer | Roles.Owner | Roles.Staff | Roles.Moderator | Roles.Admin), app.CreateClient());
            client.DefaultRequestHeaders.Add("X-Api-Key", (await (await app.As(admin).Post("/api/v1/api-keys", new { name = "Quase tudo", scopes })).Body(HttpStatusCode.Created)).Text("key"));
            return client;
        }
    }

    private static string? ScopeOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<KeyScope>()?.Name;

    /// <summary>Whether a scope is not what the API's documentation says of a route: by the first word of the path and the method, and none for what is for people alone.</summary>
    private static bool IsWrong(string method, string pattern, string? scope)
    {
        var path = pattern["/api/v1/".Length..];
        var isForPeople = path.Split('/')[0] is "auth" or "api-keys" or "stream-tickets"
            || (method, path) is ("DELETE", "users/me") || path == "users/me/export"
            || (method is not "GET" && path.StartsWith("users", StringComparison.Ordinal) && !path.StartsWith("users/me", StringComparison.Ordinal));
        return scope != (isForPeople ? null : $"{path.Split('/')[0]}:{(method is "GET" ? "read" : "write")}");
    }
}
