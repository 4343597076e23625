using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>A provider that says whatever a test wants: what no honest one can be made to say.</summary>
internal sealed class LyingProvider : IAsyncDisposable
{
    public const string ClientId = "quitanda-at-liar";

    private WebApplication? _app;
    private TimeProvider _clock = TimeProvider.System;

    public string Issuer { get; private set; } = "";

    /// <summary>The key that it signs with, and its name.</summary>
    public (RSA Key, string Id) Own { get; set; } = (RSA.Create(2048), "own");

    /// <summary>How its document differs from an honest one's.</summary>
    public Action<JsonObject> Document { get; set; } = _ => { };

    /// <summary>What it answers instead of its document.</summary>
    public Func<HttpContext, Task<IResult>>? InsteadOfDocument { get; set; }

    /// <summary>The id token it gives.</summary>
    public Func<LyingProvider, string> Token { get; set; } = _ => "";

    /// <summary>What it answers instead of tokens.</summary>
    public Func<HttpContext, Task<IResult>>? InsteadOfTokens { get; set; }

    /// <summary>What it says of whoever an access token is for.</summary>
    public JsonObject UserInfo { get; set; } = [];

    /// <summary>How often it was asked for its keys, its document and tokens.</summary>
    public (int Keys, int Documents, int Tokens) Asked { get; private set; }

    public async Task Start(TimeProvider clock)
    {
        _clock = clock;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", async (HttpContext http) =>
        {
            Asked = Asked with { Documents = Asked.Documents + 1 };
            if (InsteadOfDocument is { } instead)
                return await instead(http);
            var document = new JsonObject { ["issuer"] = Issuer, ["authorization_endpoint"] = $"{Issuer}/authorize", ["token_endpoint"] = $"{Issuer}/token", ["jwks_uri"] = $"{Issuer}/keys" };
            Document(document);
            return Results.Text(document.ToJsonString(), "application/json");
        });
        _app.MapGet("/keys", () =>
        {
            Asked = Asked with { Keys = Asked.Keys + 1 };
            var key = Own.Key.ExportParameters(includePrivateParameters: false);
            return Results.Json(new { keys = new object[] { new { kty = "oct", k = "AAAA" }, new { kty = "RSA", kid = Own.Id, use = "sig", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } });
        });
        _app.MapPost("/token", async (HttpContext http) =>
        {
            Asked = Asked with { Tokens = Asked.Tokens + 1 };
            return InsteadOfTokens is { } instead ? await instead(http) : Results.Json(new { access_token = "a", token_type = "Bearer", id_token = Token(this) });
        });
        _app.MapGet("/userinfo", (HttpContext http) => http.Request.Headers.Authorization == "Bearer a" ? Results.Text(UserInfo.ToJsonString(), "application/json") : Results.StatusCode(401));
        await _app.StartAsync();
        Issuer = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>What an honest token says.</summary>
    public JsonObject Claims(string sub, string email, string nonce) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = ClientId,
        ["sub"] = sub,
        ["nonce"] = nonce,
        ["iat"] = _clock.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = _clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
        ["email"] = email,
        ["email_verified"] = true,
        ["name"] = "Ana",
    };

    /// <summary>A token in the compact form.</summary>
    public static string Write(object header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Part(JsonSerializer.SerializeToUtf8Bytes(header))}.{Part(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Part(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>A token signed as an honest one is.</summary>
    public string Signed(JsonObject claims, object? header = null) => Write(header ?? new { alg = "RS256", kid = Own.Id }, claims, SignBy(Own.Key));

    public static Func<byte[], byte[]> SignBy(RSA key) => bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>Tells the truth again.</summary>
    public void Repent() => (Document, InsteadOfDocument, InsteadOfTokens) = (_ => { }, null, null);

    public async ValueTask DisposeAsync()
    {
        Own.Key.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private static string Part(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
