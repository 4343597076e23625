using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>GitHub in what it documents: codes for one use with PKCE, a token, the user, and a list of addresses. Refusals of the token come with status 200.</summary>
internal sealed class GitHubServer : IAsyncDisposable
{
    public const string ClientId = "Iv1.only-for-tests";
    public const string Secret = "only-for-tests-of-github";

    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri, object User, object Emails)> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (object User, object Emails)> _tokens = new(StringComparer.Ordinal);
    private WebApplication? _app;

    public string Url { get; private set; } = "";

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/login/oauth/access_token", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync();
            if (http.Request.Headers.Accept != "application/json")
                return Results.Text("error=not_json", "application/x-www-form-urlencoded");
            if (form["client_id"] != ClientId || form["client_secret"] != Secret)
                return Results.Json(new { error = "incorrect_client_credentials" });
            if (!_codes.TryRemove(form["code"].ToString(), out var held) || form["redirect_uri"] != held.RedirectUri
                || Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != held.Challenge)
                return Results.Json(new { error = "bad_verification_code", error_description = "The code passed is incorrect or expired." });
            var token = $"gho_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
            _tokens[token] = (held.User, held.Emails);
            return Results.Json(new { access_token = token, scope = "read:user,user:email", token_type = "bearer" });
        });
        _app.MapGet("/api/user", (HttpContext http) => Known(http) is { } known ? Results.Json(known.User) : Results.Json(new { message = "Requires authentication" }, statusCode: 401));
        _app.MapGet("/api/user/emails", (HttpContext http) => Known(http) is { } known ? Results.Json(known.Emails) : Results.Json(new { message = "Requires authentication" }, statusCode: 401));
        await _app.StartAsync();
        Url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>Somebody agrees there: gives the way back.</summary>
    public Uri Agree(Uri authorize, object user, object emails)
    {
        var asked = QueryHelpers.ParseQuery(authorize.Query);
        Assert.Equal($"{Url}/login/oauth/authorize", authorize.GetLeftPart(UriPartial.Path));
        Assert.Equal((ClientId, "read:user user:email", "S256"), (asked["client_id"].ToString(), asked["scope"].ToString(), asked["code_challenge_method"].ToString()));
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
        _codes[code] = (asked["code_challenge"].ToString(), asked["redirect_uri"].ToString(), user, emails);
        return new($"{asked["redirect_uri"]}?code={code}&state={asked["state"]}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    /// <summary>Without a name for themselves, callers are refused as the real one refuses them.</summary>
    private (object User, object Emails)? Known(HttpContext http) =>
        http.Request.Headers.UserAgent.Count > 0 && http.Request.Headers["X-GitHub-Api-Version"] == "2022-11-28" && http.Request.Headers.Authorization.ToString() is { } shown
        && shown.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.TryGetValue(shown["Bearer ".Length..], out var known) ? known : null;
}
