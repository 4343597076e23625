using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Quitanda.Accounts.OAuth;

/// <summary>Somebody, as a provider vouches for them.</summary>
/// <param name="Issuer">Who vouches.</param>
/// <param name="Subject">Its own name for them, which lasts.</param>
/// <param name="Email">Their address, where it gave one.</param>
/// <param name="IsVerified">Whether it says that the address is theirs.</param>
/// <param name="Name">What they are called; null where it did not say.</param>
internal sealed record Vouched(string Issuer, string Subject, string? Email, bool IsVerified, string? Name);

/// <summary>What takes somebody to a provider.</summary>
/// <param name="RedirectUri">Where they come back to.</param>
/// <param name="State">What they come back with.</param>
/// <param name="Verifier">Of PKCE.</param>
/// <param name="Nonce">That the id token carries.</param>
internal sealed record Outbound(string RedirectUri, string State, string Verifier, string Nonce);

/// <summary>Somebody came back from a provider.</summary>
/// <param name="Code">What they bring.</param>
/// <param name="Issuer">Who sent them, where the provider says so (RFC 9207).</param>
/// <param name="Sent">What took them there.</param>
internal sealed record Inbound(string Code, string? Issuer, Outbound Sent);

/// <summary>A provider to sign in by.</summary>
internal interface ISignInProvider
{
    /// <summary>Where it lets people in.</summary>
    /// <exception cref="ProviderFailedException">It cannot be found out.</exception>
    Task<Uri> FindDoor(CancellationToken ct);

    /// <summary>The address that a browser is led to: the door, with everything that it must be told.</summary>
    Uri Leave(Uri door, Outbound outbound);

    /// <summary>Who came back.</summary>
    /// <exception cref="ProviderFailedException">Nobody can be believed to have.</exception>
    Task<Vouched> Redeem(Inbound inbound, CancellationToken ct);
}

/// <summary>A provider by OpenID Connect Core 1.0, found by OpenID Connect Discovery 1.0: the code flow with PKCE, state and nonce.</summary>
internal sealed class OpenIdProvider : ISignInProvider
{
    /// <summary>How long a provider's document and keys are remembered.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>How far apart two looks for a key are that nobody knows.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    private readonly ProviderSettings _settings;
    private readonly bool _isHere;
    private readonly Outside _outside;
    private readonly TimeProvider _clock;
    private readonly Fetched<Document> _document;
    private readonly Fetched<SigningKeys> _keys;

    public OpenIdProvider(ProviderSettings settings, Outside outside, TimeProvider clock)
    {
        (_settings, _outside, _clock) = (settings, outside, clock);
        // Only a provider on this machine may name addresses without TLS, which are all on this machine.
        _isHere = new Uri(settings.Issuer).Scheme == Uri.UriSchemeHttp;
        _document = new(Discover, Lifetime, Apart, clock);
        _keys = new(async ct => SigningKeys.Of(await outside.Get((await _document.Get(ct)).Keys, "set of keys", ct)), Lifetime, Apart, clock);
    }

    /// <summary>What is asked for where nothing else is configured.</summary>
    private string Scopes => _settings.Scopes.Length > 0 ? _settings.Scopes : "openid email profile";

    public async Task<Uri> FindDoor(CancellationToken ct) => (await _document.Get(ct)).Authorization;

    public Uri Leave(Uri door, Outbound outbound) => Query.Add(door,
        ("response_type", "code"), ("client_id", _settings.ClientId), ("redirect_uri", outbound.RedirectUri), ("scope", Scopes), ("state", outbound.State), ("nonce", outbound.Nonce),
        ("code_challenge", Flow.ChallengeOf(outbound.Verifier)), ("code_challenge_method", "S256"));

    public async Task<Vouched> Redeem(Inbound inbound, CancellationToken ct)
    {
        var document = await _document.Get(ct);
        // Sent by another provider than the one that was gone to, or by nobody where this one always says so.
        if (inbound.Issuer is { } issuer ? issuer != _settings.Issuer : document.NamesItself)
            throw ProviderFailedException.Of("Somebody came back from another issuer.");

        var tokens = await Exchange(document, inbound, ct);
        var token = IdToken.Split(tokens.Text("id_token", int.MaxValue) ?? throw ProviderFailedException.Of("It gave no id token."));
        await RequireSigned(token, ct);
        var claims = IdToken.Claims(token.Payload, new(_settings.Issuer, _settings.ClientId, inbound.Sent.Nonce, _clock.GetUtcNow()));
        var subject = claims.Text("sub", 255)!;
        if (claims.Text("email") is null && document.UserInfo is { } more && tokens.Text("access_token", int.MaxValue) is { } access)
        {
            claims = await _outside.Get(more, "user info", ct, headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", access));
            // What is not about the same person is about another (OpenID Connect Core, 5.3.2).
            if (claims.Text("sub", 255) != subject)
                throw ProviderFailedException.Of("Its user info is about somebody else.");
        }

        return new(_settings.Issuer, subject, claims.Text("email", 254), claims.IsTrue("email_verified"), claims.Text("name") ?? claims.Text("given_name"));
    }

    private async Task<JsonElement> Exchange(Document document, Inbound inbound, CancellationToken ct)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = inbound.Code,
            ["redirect_uri"] = inbound.Sent.RedirectUri,
            ["code_verifier"] = inbound.Sent.Verifier,
        };
        if (_settings.ClientSecret.Length == 0 || !document.TakesBasic)
            form["client_id"] = _settings.ClientId;
        if (_settings.ClientSecret.Length > 0 && !document.TakesBasic)
            form["client_secret"] = _settings.ClientSecret;
        return await _outside.Post(document.Token, form, "token endpoint", ct, headers =>
        {
            // Each half is written as in a form before the two are joined (RFC 6749, 2.3.1).
            if (_settings.ClientSecret.Length > 0 && document.TakesBasic)
                headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(_settings.ClientId)}:{Uri.EscapeDataString(_settings.ClientSecret)}")));
        });
    }

    private async Task RequireSigned(IdToken.Parts token, CancellationToken ct)
    {
        var known = await _keys.Get(ct);
        var keys = known.For(token);
        // A provider changes its keys when it likes.
        if (keys.Length == 0)
            keys = (await _keys.Newer(known, ct)).For(token);
        if (!Array.Exists(keys, key => key.Signed(token)))
            throw ProviderFailedException.Of(keys.Length == 0 ? "Its id token names a key that it does not have." : "Its id token is not signed by it.");
    }

    private async Task<Document> Discover(CancellationToken ct)
    {
        var json = await _outside.Get(new($"{_settings.Issuer.TrimEnd('/')}/.well-known/openid-configuration"), "configuration", ct);
        if (json.Text("issuer") != _settings.Issuer)
            throw ProviderFailedException.Of("Its configuration names another issuer.");
        // Without a word on it, the form of HTTP's own is meant.
        var methods = json.Texts("token_endpoint_auth_methods_supported");
        return new(Address("authorization_endpoint"), Address("token_endpoint"), Address("jwks_uri"), json.TryGetProperty("userinfo_endpoint", out _) ? Address("userinfo_endpoint") : null,
            json.IsTrue("authorization_response_iss_parameter_supported"), methods.Length == 0 || methods.Contains("client_secret_basic", StringComparer.Ordinal));

        Uri Address(string name) => Uri.TryCreate(json.Text(name), UriKind.Absolute, out var address) && OAuthSettingsRules.IsSafe(address) && (address.Scheme == Uri.UriSchemeHttps || _isHere)
            ? address : throw ProviderFailedException.Of($"Its {name} is no safe address.");
    }

    /// <summary>What a provider says of itself.</summary>
    private sealed record Document(Uri Authorization, Uri Token, Uri Keys, Uri? UserInfo, bool NamesItself, bool TakesBasic);
}

/// <summary>Addresses with parameters.</summary>
internal static class Query
{
    /// <summary>An address with more in its query.</summary>
    public static Uri Add(Uri address, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var text = new StringBuilder(address.AbsoluteUri);
        var separator = address.Query.Length == 0 ? '?' : '&';
        foreach (var (name, value) in parameters)
        {
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return new(text.ToString());
    }
}
