using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>Where the front end was told to go on.</summary>
/// <param name="Page">The page, without what stands behind the #.</param>
/// <param name="Code">The one-time code.</param>
/// <param name="Error">Why there is none.</param>
/// <param name="Provider">Which provider it was.</param>
/// <param name="ReturnTo">Where to go on.</param>
internal sealed record Landing(string Page, string? Code, string? Error, string? Provider, string? ReturnTo);

/// <summary>A browser, which goes between the application and a provider with cookies of its own. Cookies live for ever here: the test's time is not the machine's.</summary>
internal sealed class Visitor(OAuthApp app, HttpClient? client = null)
{
    private readonly HttpClient _client = client ?? app.CreateClient();
    private readonly Dictionary<string, string> _providerCookies = new(StringComparer.Ordinal);

    /// <summary>What the application gave it.</summary>
    public Dictionary<string, string> Cookies { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The last cookie that was set, as it was written.</summary>
    public string? SetCookie { get; private set; }

    /// <summary>The same browser, at another process.</summary>
    public Visitor At(HttpClient client) => new(app, client) { Cookies = Cookies };

    /// <summary>Asks to sign in by a provider.</summary>
    public Task<HttpResponseMessage> Ask(string provider, string query = "") => Send(HttpMethod.Get, $"/api/v1/auth/oauth/{provider}{query}");

    /// <summary>Asks to sign in by a provider, and gives where that is.</summary>
    public async Task<Uri> Begin(string provider, string query = "")
    {
        var answer = await Ask(provider, query);
        await answer.Body(HttpStatusCode.Found);
        return answer.Headers.Location!;
    }

    /// <summary>Signs in at the real provider, or refuses to, and gives the way back.</summary>
    public async Task<Uri> At(Uri provider, Claims? person)
    {
        await app.Oidc.Tell(app.Outside, app.Clock.GetUtcNow(), person);
        var at = provider;
        for (var steps = 0; steps < 8 && at.Authority == provider.Authority; steps++)
        {
            var isForm = at.AbsolutePath.StartsWith("/interaction/", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(isForm ? HttpMethod.Post : HttpMethod.Get, at);
            if (isForm)
                request.Content = new FormUrlEncodedContent(person is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { ["login"] = person.Sub });
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _providerCookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            using var answer = await app.Outside.SendAsync(request, TestContext.Current.CancellationToken);
            Keep(answer, _providerCookies);
            Assert.True(answer.Headers.Location is not null, $"{at} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            at = new Uri(at, answer.Headers.Location);
        }

        return at;
    }

    /// <summary>Comes back to the application.</summary>
    public async Task<Landing> Return(Uri callback)
    {
        // What happens at one moment has no order in the audit log.
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await Send(HttpMethod.Get, callback.PathAndQuery);
        await answer.Body(HttpStatusCode.Found);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        var location = answer.Headers.Location!;
        var said = QueryHelpers.ParseQuery(location.Fragment.TrimStart('#'));
        return new(location.GetLeftPart(UriPartial.Query), One("code"), One("error"), One("provider"), One("returnTo"));

        string? One(string name) => said.TryGetValue(name, out var value) ? Assert.Single(value) : null;
    }

    /// <summary>Comes back from anywhere with the state that it was sent there with.</summary>
    public Task<Landing> Return(string provider, Uri sentTo, string rest = "&code=any") =>
        Return(new Uri($"http://localhost/api/v1/auth/oauth/{provider}/callback?state={QueryHelpers.ParseQuery(sentTo.Query)["state"]}{rest}"));

    /// <summary>All of it, up to the code.</summary>
    public async Task<Landing> SignIn(string provider, Claims? person, string query = "") => await Return(await At(await Begin(provider, query), person));

    /// <summary>All of it, up to the tokens.</summary>
    public async Task<JsonElement> Enter(string provider, Claims person)
    {
        var landed = await SignIn(provider, person);
        Assert.True(landed.Code is not null, $"{landed.Error}: {await app.LastRefusal()}");
        return await (await Exchange(landed.Code)).Body();
    }

    public Task<HttpResponseMessage> Exchange(string? code, string? secondFactorCode = null, string? codeVerifier = null) =>
        Send(HttpMethod.Post, "/api/v1/auth/oauth/exchange", JsonSerializer.Serialize(new { code, secondFactorCode, codeVerifier }));

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (Cookies.Count > 0)
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        SetCookie = Keep(answer, Cookies) ?? SetCookie;
        return answer;
    }

    private static string? Keep(HttpResponseMessage answer, Dictionary<string, string> jar)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            return null;
        foreach (var cookie in cookies)
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0)
                jar.Remove(pair[0]);
            else
                jar[pair[0]] = pair[1];
        }

        return cookies.Last();
    }
}
