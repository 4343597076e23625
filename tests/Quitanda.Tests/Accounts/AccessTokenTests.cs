using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>Our own token handler against the published vector and against forgeries of every part.</summary>
public sealed class AccessTokenTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private readonly byte[] _key = app.Services.GetRequiredService<Secrets>().TokenSigning[0].Bytes;
    private readonly string _keyId = app.Services.GetRequiredService<Secrets>().TokenSigning[0].Id;

    private string Header => $$"""{"alg":"HS256","typ":"at+jwt","kid":"{{_keyId}}"}""";

    [Fact]
    public void The_signature_is_that_of_RFC_7515_A_1()
    {
        var key = Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        var input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8;
        Span<byte> signature = stackalloc byte[AccessTokens.SignatureLength];

        AccessTokens.Sign(key, input, signature);

        Assert.Equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Encoding.ASCII.GetString(signature));
    }

    [Fact]
    public async Task A_token_we_issue_and_the_same_claims_written_by_hand_are_good()
    {
        var user = await app.Insert();

        Assert.Equal(HttpStatusCode.OK, await Status(app.TokenOf(user)));
        Assert.Equal(HttpStatusCode.OK, await Status(Write(Header, Claims(user), _key)));
    }

    [Fact]
    public async Task Forged_tokens_are_refused_whatever_part_is_forged()
    {
        var user = await app.Insert();
        var claims = Claims(user);
        var good = Write(Header, claims, _key);
        var parts = good.Split('.');
        var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();
        var otherKey = Encoding.ASCII.GetBytes("another-secret-for-tests-that-nobody-signs-with");
        var forged = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alg none, no signature"] = $"{Encode($$"""{"alg":"none","typ":"at+jwt","kid":"{{_keyId}}"}""")}.{parts[1]}.",
            ["alg none, our signature"] = Write($$"""{"alg":"none","typ":"at+jwt","kid":"{{_keyId}}"}""", claims, _key),
            ["alg swapped"] = Write($$"""{"alg":"HS512","typ":"at+jwt","kid":"{{_keyId}}"}""", claims, _key),
            ["alg spelt otherwise"] = Write($$"""{"alg":"hs256","typ":"at+jwt","kid":"{{_keyId}}"}""", claims, _key),
            ["alg nOnE"] = $"{Encode($$"""{"alg":"nOnE","typ":"at+jwt","kid":"{{_keyId}}"}""")}.{parts[1]}.",
            ["RS256, with our MAC"] = Write($$"""{"alg":"RS256","typ":"at+jwt","kid":"{{_keyId}}"}""", claims, _key),
            ["RS256, with a signature of theirs"] = WriteRsa($$"""{"alg":"RS256","typ":"at+jwt","kid":"{{_keyId}}"}""", claims),
            ["HS256 named, with an RSA signature"] = WriteRsa(Header, claims),
            ["unknown critical header"] = Write(Header.Replace("}", ",\"crit\":[\"exp\"],\"exp\":0}", StringComparison.Ordinal), claims, _key),
            ["payload said not to be encoded"] = Write(Header.Replace("}", ",\"b64\":false,\"crit\":[\"b64\"]}", StringComparison.Ordinal), claims, _key),
            ["key by address"] = Write(Header.Replace("}", ",\"jku\":\"https://example.test/keys\"}", StringComparison.Ordinal), claims, _key),
            ["kid with a path"] = Write("""{"alg":"HS256","typ":"at+jwt","kid":"../../dev/null"}""", claims, []),
            ["header with spaces"] = Write(Header.Replace(",", ", ", StringComparison.Ordinal), claims, _key),
            ["five parts, as if encrypted"] = $"{parts[0]}.AA.AA.{parts[1]}.{parts[2]}",
            ["claims in base64 of another alphabet"] = Sign($"{parts[0]}.+/{parts[1][2..]}", _key),
            ["claims that are no base64"] = Sign($"{parts[0]}.{parts[1]}!", _key),
            ["no claims"] = Sign($"{parts[0]}.", _key),
            ["a space within"] = $"{parts[0]}. {parts[1]}.{parts[2]}",
            ["expiry too great"] = Write(Header, claims.Replace($"\"exp\":{now + 900}", "\"exp\":1e400", StringComparison.Ordinal), _key),
            ["expiry twice"] = Write(Header, Claims(user, more: $",\"exp\":{now + 99999}"), _key),
            ["no subject"] = Write(Header, claims.Replace($",\"sub\":\"{user.Id}\"", "", StringComparison.Ordinal), _key),
            ["subject null"] = Write(Header, claims.Replace($"\"sub\":\"{user.Id}\"", "\"sub\":null", StringComparison.Ordinal), _key),
            ["nested without end"] = Write(Header, Claims(user, more: $",\"x\":{new string('[', 500)}"), _key),
            ["very long"] = good + new string('A', 60_000),
            ["typ swapped"] = Write($$"""{"alg":"HS256","typ":"JWT","kid":"{{_keyId}}"}""", claims, _key),
            ["no kid"] = Write("""{"alg":"HS256","typ":"at+jwt"}""", claims, _key),
            ["another kid"] = Write("""{"alg":"HS256","typ":"at+jwt","kid":"00000000"}""", claims, _key),
            ["alg twice"] = Write($$"""{"alg":"HS256","alg":"none","typ":"at+jwt","kid":"{{_keyId}}"}""", claims, _key),
            ["key in the header"] = Write(Header.Replace("}", ",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", StringComparison.Ordinal), claims, _key),
            ["wrong key"] = Write(Header, claims, otherKey),
            ["empty key"] = Write(Header, claims, []),
            ["other audience"] = Write(Header, claims.Replace("\"aud\":\"quitanda\"", "\"aud\":\"elsewhere\"", StringComparison.Ordinal), _key),
            ["audience list"] = Write(Header, claims.Replace("\"aud\":\"quitanda\"", "\"aud\":[\"quitanda\"]", StringComparison.Ordinal), _key),
            ["other issuer"] = Write(Header, claims.Replace("\"iss\":\"quitanda\"", "\"iss\":\"elsewhere\"", StringComparison.Ordinal), _key),
            ["not yet issued"] = Write(Header, Claims(user, issuedAt: now + 60), _key),
            ["not yet valid"] = Write(Header, Claims(user, more: $",\"nbf\":{now + 60}"), _key),
            ["user twice"] = Write(Header, Claims(user, more: $",\"sub\":\"{Guid.CreateVersion7()}\""), _key),
            ["user twice, once escaped"] = Write(Header, Claims(user, more: $",\"\\u0073ub\":\"{Guid.CreateVersion7()}\""), _key),
            ["roles claimed"] = Write(Header, Claims(user, more: ",\"roles\":[\"admin\"]"), _key),
            ["no expiry"] = Write(Header, claims.Replace($",\"exp\":{now + 900}", "", StringComparison.Ordinal), _key),
            ["expiry as text"] = Write(Header, claims.Replace($"\"exp\":{now + 900}", $"\"exp\":\"{now + 900}\"", StringComparison.Ordinal), _key),
            ["expiry as a fraction"] = Write(Header, claims.Replace($"\"exp\":{now + 900}", $"\"exp\":{now + 900}.5", StringComparison.Ordinal), _key),
            ["something after the claims"] = Write(Header, claims + "{}", _key),
            ["claims are no object"] = Write(Header, "[]", _key),
            ["claims are no JSON"] = Write(Header, "{", _key),
            ["extra long"] = Write(Header, Claims(user, more: $",\"pad\":\"{new string('a', 5000)}\""), _key),
            ["tampered claims"] = $"{parts[0]}.{Encode(claims.Replace(user.Id.ToString(), Guid.CreateVersion7().ToString(), StringComparison.Ordinal))}.{parts[2]}",
            ["truncated"] = good[..^1],
            ["no signature"] = $"{parts[0]}.{parts[1]}",
            ["empty signature"] = $"{parts[0]}.{parts[1]}.",
            ["padded signature"] = good + "=",
            ["signature in another spelling"] = good[..^1] + SpelledOtherwise(good[^1]),
            ["four parts"] = good + ".AAAA",
            ["empty"] = ".",
            ["not ASCII"] = good.Replace('.', '·'),
        };

        foreach (var (what, token) in forged)
        {
            Assert.True(await Status(token) == HttpStatusCode.Unauthorized, what);
            Assert.Equal(TokenState.Invalid, app.Services.GetRequiredService<AccessTokens>().Read(token, out var read));
            Assert.Equal(default, read);
        }
    }

    [Fact]
    public async Task The_tokens_that_RFC_7519_shows_are_not_ours()
    {
        // Sections 3.1 and 6.1; the first is that of RFC 7515 A.1, whole and rightly signed by its own key.
        const string Claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        foreach (var token in (string[])[
            $"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{Claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            $"eyJhbGciOiJub25lIn0.{Claims}.",
            Sign($"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{Claims}", _key)])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(token));
            Assert.Equal(TokenState.Invalid, app.Services.GetRequiredService<AccessTokens>().Read(token, out _));
        }
    }

    [Fact]
    public async Task A_good_token_of_somebody_who_is_not_there_is_refused()
    {
        var user = await app.Insert();
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(Write(Header, Claims(user).Replace(user.Id.ToString(), Guid.CreateVersion7().ToString(), StringComparison.Ordinal), _key)));
        await app.Execute($"update accounts.users set version = 2 where id = {user.Id}");
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(Write(Header, Claims(user), _key)));
    }

    [Fact]
    public async Task A_token_ends_after_15_minutes_and_says_so()
    {
        var user = await app.Insert();
        var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();

        Assert.Equal(HttpStatusCode.OK, await Status(Write(Header, Claims(user, issuedAt: now - 900, expiresAt: now - 4), _key)));
        var response = await app.CreateClient(Write(Header, Claims(user, issuedAt: now - 900, expiresAt: now - 5), _key)).Get("/api/v1/users/me");

        Assert.Equal("token_expired", await response.Refusal(HttpStatusCode.Unauthorized));
        Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(900, app.Services.GetRequiredService<AccessTokens>().LifetimeSeconds);
    }

    [Fact]
    public void Two_secrets_may_be_live_and_the_first_signs()
    {
        const string Old = "the-old-secret-of-tests-is-made-of-words", New = "the-new-secret-of-tests-is-made-of-words";
        var settings = Options.Create(new AccountSettings());
        var before = new AccessTokens(Secrets.From(new() { TokenSigning = Old, DataProtection = Old }), settings, app.Clock);
        var between = new AccessTokens(Secrets.From(new() { TokenSigning = $"{New} {Old}", DataProtection = Old }), settings, app.Clock);
        var after = new AccessTokens(Secrets.From(new() { TokenSigning = New, DataProtection = Old }), settings, app.Clock);
        var user = Guid.CreateVersion7();

        Assert.Equal(TokenState.Valid, between.Read(before.Issue(user, user, 1), out var read));
        Assert.Equal(user, read.UserId);
        Assert.Equal(TokenState.Valid, after.Read(between.Issue(user, user, 1), out _));
        Assert.Equal(TokenState.Invalid, after.Read(before.Issue(user, user, 1), out _));
    }

    [Fact]
    public async Task Without_a_good_token_an_answer_says_what_is_missing()
    {
        var nobody = await app.Guest.Get("/api/v1/users/me");
        Assert.Equal("unauthenticated", await nobody.Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("Bearer", nobody.Headers.WwwAuthenticate.ToString());

        var bad = await app.CreateClient("nonsense").Get("/api/v1/users/me");
        Assert.Equal("unauthenticated", await bad.Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("Bearer error=\"invalid_token\"", bad.Headers.WwwAuthenticate.ToString());

        // On a route for anyone too; but not where credentials of another kind are handed in.
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.CreateClient("nonsense").Get("/api/v1/store")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.CreateClient("nonsense").Get("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.CreateClient("nonsense").Post("/api/v1/auth/logout", new { refreshToken = "x" })).StatusCode);
    }

    [Fact]
    public async Task With_the_database_away_a_good_token_is_503_and_a_bad_one_still_401()
    {
        var user = await app.Insert();
        await using var away = QuitandaApp.Build("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1", builder => builder.Services.AddSingleton<TimeProvider>(app.Clock));
        await away.StartAsync(TestContext.Current.CancellationToken);
        var client = Microsoft.AspNetCore.TestHost.HostBuilderTestServerExtensions.GetTestClient(away);

        client.DefaultRequestHeaders.Authorization = new("Bearer", app.TokenOf(user));
        var unknown = await client.Get("/api/v1/users/me");
        client.DefaultRequestHeaders.Authorization = new("Bearer", "nonsense");
        var refused = await client.Get("/api/v1/users/me");

        Assert.Equal("unavailable", await unknown.Refusal(HttpStatusCode.ServiceUnavailable));
        Assert.Equal("unauthenticated", await refused.Refusal(HttpStatusCode.Unauthorized));
    }

    private async Task<HttpStatusCode> Status(string token)
    {
        using var client = app.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return (await client.Get("/api/v1/users/me")).StatusCode;
    }

    private string Claims(User user, long? issuedAt = null, long? expiresAt = null, string more = "")
    {
        var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();
        return $$"""{"iss":"quitanda","aud":"quitanda","sub":"{{user.Id}}","sid":"{{Guid.CreateVersion7()}}","ver":1,"iat":{{issuedAt ?? now}},"exp":{{expiresAt ?? now + 900}}{{more}}}""";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Write(string header, string claims, byte[] key) => Sign($"{Encode(header)}.{Encode(claims)}", key);

    private static string Sign(string input, byte[] key) => $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(input)))}";

    private static string WriteRsa(string header, string claims)
    {
        using var rsa = RSA.Create(2048);
        var input = $"{Encode(header)}.{Encode(claims)}";
        return $"{input}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Another letter for the same bytes: the last of 43 has two bits that say nothing.</summary>
    private static char SpelledOtherwise(char last)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return Letters[Letters.IndexOf(last, StringComparison.Ordinal) ^ 1];
    }
}
