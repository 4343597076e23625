using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>A provider, or somebody in its place, that does not tell the truth, or nothing at all.</summary>
public sealed class LyingProviderTests(OAuthApp app) : IClassFixture<OAuthApp>
{
    /// <summary>What is wrong with a token, by what is said of it; the first is what an honest one looks like.</summary>
    private static readonly Dictionary<string, Func<LyingProvider, JsonObject, string>> Tokens = new(StringComparer.Ordinal)
    {
        [""] = (liar, claims) => liar.Signed(claims),
        ["none of RS256, lower case"] = (liar, claims) => LyingProvider.Write(new { alg = "rs256", kid = "own" }, claims, LyingProvider.SignBy(liar.Own.Key)),
        ["alg none, nothing signed"] = (_, claims) => LyingProvider.Write(new { alg = "none" }, claims, _ => []),
        ["alg none, well signed"] = (liar, claims) => liar.Signed(claims, new { alg = "none", kid = "own" }),
        ["no alg"] = (liar, claims) => liar.Signed(claims, new { kid = "own" }),
        ["HS256 with the public key as its secret"] = (liar, claims) => LyingProvider.Write(new { alg = "HS256", kid = "own" }, claims, bytes => HMACSHA256.HashData(System.Text.Encoding.ASCII.GetBytes(liar.Own.Key.ExportSubjectPublicKeyInfoPem()), bytes)),
        ["HS256 with the client's secret"] = (_, claims) => LyingProvider.Write(new { alg = "HS256" }, claims, bytes => HMACSHA256.HashData("only-for-tests"u8, bytes)),
        ["ES256 by name, with an RSA key"] = (liar, claims) => liar.Signed(claims, new { alg = "ES256", kid = "own" }),
        ["PS256 by name, PKCS 1 by nature"] = (liar, claims) => liar.Signed(claims, new { alg = "PS256", kid = "own" }),
        ["another's key, under this one's name"] = (_, claims) => LyingProvider.Write(new { alg = "RS256", kid = "own" }, claims, LyingProvider.SignBy(RSA.Create(2048))),
        ["another's key, brought along"] = (_, claims) =>
        {
            var key = RSA.Create(2048);
            var parts = key.ExportParameters(false);
            return LyingProvider.Write(new { alg = "RS256", jwk = new { kty = "RSA", n = WebEncoders.Base64UrlEncode(parts.Modulus!), e = WebEncoders.Base64UrlEncode(parts.Exponent!) } }, claims, LyingProvider.SignBy(key));
        },
        ["a key that nobody has"] = (liar, claims) => liar.Signed(claims, new { alg = "RS256", kid = "unknown" }),
        ["extensions that must be understood"] = (liar, claims) => liar.Signed(claims, new { alg = "RS256", kid = "own", crit = new[] { "b64" }, b64 = true }),
        ["a signature cut short"] = (liar, claims) => liar.Signed(claims)[..^8],
        ["a signature with padding"] = (liar, claims) => liar.Signed(claims) + "==",
        ["claims changed after signing"] = (liar, claims) => string.Join('.', liar.Signed(claims).Split('.').Select((part, at) => at == 1 ? WebEncoders.Base64UrlEncode(System.Text.Encoding.UTF8.GetBytes(With(claims, "sub", "admin").ToJsonString())) : part)),
        ["two parts"] = (liar, claims) => liar.Signed(claims).Split('.')[0] + ".e30",
        ["no token"] = (_, _) => "",
        ["16 kB of token"] = (liar, claims) => liar.Signed(With(claims, "more", new string('x', 20_000))),
        ["another issuer"] = (liar, claims) => liar.Signed(With(claims, "iss", "https://accounts.google.com")),
        ["an issuer that only begins so"] = (liar, claims) => liar.Signed(With(claims, "iss", liar.Issuer + "/")),
        ["another audience"] = (liar, claims) => liar.Signed(With(claims, "aud", "somebody else")),
        ["no audience"] = (liar, claims) => liar.Signed(With(claims, "aud", null)),
        ["two audiences, given to nobody"] = (liar, claims) => liar.Signed(With(claims, "aud", new JsonArray(LyingProvider.ClientId, "somebody else"))),
        ["given to somebody else"] = (liar, claims) => liar.Signed(With(claims, "azp", "somebody else")),
        ["expired"] = (liar, claims) => liar.Signed(With(claims, "exp", (long)claims["iat"]! - 121)),
        ["no end"] = (liar, claims) => liar.Signed(With(claims, "exp", null)),
        ["an end in words"] = (liar, claims) => liar.Signed(With(claims, "exp", "9999999999")),
        ["of yesterday"] = (liar, claims) => liar.Signed(With(claims, "iat", (long)claims["iat"]! - 86_400)),
        ["of tomorrow"] = (liar, claims) => liar.Signed(With(claims, "iat", (long)claims["iat"]! + 86_400)),
        ["not good yet"] = (liar, claims) => liar.Signed(With(claims, "nbf", (long)claims["iat"]! + 3600)),
        ["another nonce"] = (liar, claims) => liar.Signed(With(claims, "nonce", new string('n', 43))),
        ["no nonce"] = (liar, claims) => liar.Signed(With(claims, "nonce", null)),
        ["nobody"] = (liar, claims) => liar.Signed(With(claims, "sub", null)),
        ["a number for somebody"] = (liar, claims) => liar.Signed(With(claims, "sub", 7)),
        ["a name of 256 characters"] = (liar, claims) => liar.Signed(With(claims, "sub", new string('s', 256))),
        ["a name that ends a line"] = (liar, claims) => liar.Signed(With(claims, "sub", "a\nb")),
        ["a name that no text holds"] = (liar, claims) => liar.Signed(With(claims, "sub", "a\0b")),
    };

    public static TheoryData<string> Wrong => [.. Tokens.Keys.Where(name => name.Length > 0)];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_token_that_is_not_as_it_must_be_is_believed_by_nobody(string what)
    {
        app.Liar.Repent();
        var users = await app.Count($"accounts.users");
        var landed = await Arrive(Tokens[what]);

        Assert.Equal((null, "provider_error"), (landed.Code, landed.Error));
        Assert.Contains("provider_error: ", await app.LastRefusal(), StringComparison.Ordinal);
        Assert.Equal(users, await app.Count($"accounts.users"));
        // And one that differs in nothing else is believed.
        Assert.NotNull((await Arrive(Tokens[""])).Code);
    }

    [Fact]
    public async Task Small_liberties_of_honest_providers_are_taken()
    {
        app.Liar.Repent();
        foreach (var token in new Func<LyingProvider, JsonObject, string>[]
        {
            (liar, claims) => liar.Signed(claims, new { alg = "RS256" }),
            (liar, claims) => liar.Signed(With(claims, "aud", new JsonArray(LyingProvider.ClientId))),
            (liar, claims) => liar.Signed(With(With(claims, "aud", new JsonArray("other", LyingProvider.ClientId)), "azp", LyingProvider.ClientId)),
            (liar, claims) => liar.Signed(With(claims, "email_verified", "true")),
            (liar, claims) => liar.Signed(With(claims, "exp", (long)claims["iat"]! - 119)),
            (liar, claims) => liar.Signed(With(claims, "name", " " + new string('A', 500) + " ")),
            (liar, claims) => liar.Signed(With(claims, "name", "\u0007")),
        })
        {
            var landed = await Arrive(token);
            Assert.True(landed.Code is not null, await app.LastRefusal());
        }
    }

    [Fact]
    public async Task A_new_key_is_looked_for_and_one_that_nobody_has_not_more_than_once_a_minute()
    {
        app.Liar.Repent();
        await Arrive(Tokens[""]);
        var old = app.Liar.Own;
        using var newer = RSA.Create(2048);
        app.Liar.Own = (newer, "newer");
        try
        {
            app.Clock.Advance(TimeSpan.FromSeconds(61));
            var asked = app.Liar.Asked.Keys;
            Assert.NotNull((await Arrive(Tokens[""])).Code);
            Assert.Equal(asked + 1, app.Liar.Asked.Keys);
            for (var i = 0; i < 5; i++)
                Assert.Equal("provider_error", (await Arrive(Tokens["a key that nobody has"])).Error);
            Assert.Equal(asked + 1, app.Liar.Asked.Keys);
            app.Clock.Advance(TimeSpan.FromSeconds(61));
            await Arrive(Tokens["a key that nobody has"]);
            Assert.Equal(asked + 2, app.Liar.Asked.Keys);
        }
        finally
        {
            app.Liar.Own = old;
            app.Clock.Advance(TimeSpan.FromHours(2));
        }
    }

    [Theory]
    [InlineData("issuer", "https://accounts.google.com")]
    [InlineData("authorization_endpoint", "http://liar.test/authorize")]
    [InlineData("authorization_endpoint", "javascript:alert(1)")]
    [InlineData("token_endpoint", "http://10.0.0.1/token")]
    [InlineData("token_endpoint", "file:///etc/passwd")]
    [InlineData("token_endpoint", null)]
    [InlineData("jwks_uri", "https://ana@liar.test/keys")]
    [InlineData("userinfo_endpoint", "ftp://liar.test")]
    public async Task A_document_that_leads_astray_is_not_followed(string member, string? value)
    {
        Forget();
        app.Liar.Document = document => document[member] = value;
        await Unreachable();
    }

    [Fact]
    public async Task A_document_is_read_in_bounded_size_and_time_and_where_it_was_asked_for()
    {
        foreach (var instead in new Func<HttpContext, Task<IResult>>[]
        {
            _ => Task.FromResult(Results.Text($"{{\"issuer\":\"{app.Liar.Issuer}\",\"more\":\"{new string('x', 300_000)}\"}}", "application/json")),
            _ => Task.FromResult(Results.Text(new string('[', 100_000), "application/json")),
            _ => Task.FromResult(Results.Text("{\"issuer\":\"a\",\"issuer\":\"b\"}", "application/json")),
            _ => Task.FromResult(Results.Text("[]", "application/json")),
            _ => Task.FromResult(Results.Text("<html>", "text/html")),
            _ => Task.FromResult(Results.Redirect($"{app.Oidc.Issuer}/.well-known/openid-configuration")),
            _ => Task.FromResult(Results.StatusCode(500)),
            async http =>
            {
                await Forever(http);
                return Results.Empty;
            },
        })
        {
            Forget();
            app.Liar.InsteadOfDocument = instead;
            await Unreachable();
        }

        // What failed is not remembered.
        app.Liar.Repent();
        Assert.NotNull((await Arrive(Tokens[""])).Code);
    }

    [Fact]
    public async Task A_provider_that_dies_while_somebody_is_there_leads_them_back_all_the_same()
    {
        foreach (var (instead, word) in new (Func<HttpContext, Task<IResult>>, string)[]
        {
            (async http =>
            {
                await Forever(http);
                return Results.Empty;
            }, "provider_unavailable"),
            (http =>
            {
                http.Abort();
                return Task.FromResult(Results.Empty);
            }, "provider_unavailable"),
            (_ => Task.FromResult(Results.StatusCode(503)), "provider_unavailable"),
            (_ => Task.FromResult(Results.StatusCode(429)), "provider_unavailable"),
            (_ => Task.FromResult(Results.Json(new { error = "invalid_grant" }, statusCode: 400)), "provider_error"),
            (_ => Task.FromResult(Results.Json(new { error = "invalid_client" }, statusCode: 401)), "provider_error"),
            (_ => Task.FromResult(Results.Redirect("https://elsewhere.test", preserveMethod: true)), "provider_error"),
            (_ => Task.FromResult(Results.Text(new string('x', 400_000), "application/json")), "provider_error"),
            (_ => Task.FromResult(Results.Json(new { access_token = "a" })), "provider_error"),
            (_ => Task.FromResult(Results.Json(new { id_token = 1 })), "provider_error"),
            (_ => Task.FromResult(Results.Text("{\"id_token\":\"\\ud800\"}", "application/json")), "provider_error"),
        })
        {
            app.Liar.Repent();
            app.Liar.InsteadOfTokens = instead;
            var landed = await Arrive(Tokens[""]);
            Assert.Equal((null, word), (landed.Code, landed.Error));
        }
    }

    [Theory]
    [InlineData(null, true, null)]
    [InlineData("somebody else", true, "provider_error")]
    [InlineData("", true, "provider_error")]
    [InlineData(null, false, "email_not_verified")]
    public async Task What_is_said_beside_the_token_is_about_the_same_person(string? sub, bool isVerified, string? error)
    {
        Forget();
        app.Liar.Document = document => document["userinfo_endpoint"] = $"{app.Liar.Issuer}/userinfo";
        var landed = await Arrive((liar, claims) =>
        {
            liar.UserInfo = new JsonObject { ["sub"] = sub ?? (string)claims["sub"]!, ["email"] = (string)claims["email"]!, ["email_verified"] = isVerified };
            return liar.Signed(With(claims, "email", null));
        });
        Assert.Equal(error, landed.Error);
        Forget();
    }

    [Fact]
    public async Task A_document_is_asked_for_once_however_many_begin()
    {
        Forget();
        var before = app.Liar.Asked.Documents;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => new Visitor(app).Begin("liar")));
        Assert.Equal(before + 1, app.Liar.Asked.Documents);
    }

    /// <summary>Comes back from the liar with a token about somebody new.</summary>
    private async Task<Landing> Arrive(Func<LyingProvider, JsonObject, string> token)
    {
        var visitor = new Visitor(app);
        var sentTo = await visitor.Begin("liar");
        var person = Claims.Of(People.NewEmail());
        app.Liar.Token = liar => token(liar, liar.Claims(person.Sub, person.Email!, QueryHelpers.ParseQuery(sentTo.Query)["nonce"].ToString()));
        return await visitor.Return("liar", sentTo);
    }

    private async Task Unreachable()
    {
        var answer = await new Visitor(app).Ask("liar");
        await answer.Body(HttpStatusCode.Found);
        Assert.Equal("#error=provider_unavailable&provider=liar", answer.Headers.Location?.Fragment);
    }

    /// <summary>Has the application know nothing of the provider any more.</summary>
    private void Forget()
    {
        app.Liar.Repent();
        app.Clock.Advance(TimeSpan.FromHours(2));
    }

    private static Task Forever(HttpContext http) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);

    private static JsonObject With(JsonObject claims, string name, JsonNode? value)
    {
        var changed = (JsonObject)claims.DeepClone();
        if (value is null)
            changed.Remove(name);
        else
            changed[name] = value;
        return changed;
    }
}
