using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.OAuth;

/// <summary>Settings of signing in by a provider. Section <c>OAuth</c>.</summary>
internal sealed record OAuthSettings
{
    /// <summary>The providers by the name that stands in their addresses, such as <c>google</c>.</summary>
    public IReadOnlyDictionary<string, ProviderSettings>? Providers { get; init; }

    /// <summary>What stands before <c>/api/v1/auth/oauth</c> in the addresses to which providers send people back, such as <c>https://api.example.com</c>. Empty is the host that is asked.</summary>
    [StringLength(500), RegularExpression("^(https?://[^\\s?#@]+[^\\s?#@/])?$")]
    public string BaseUrl { get; init; } = "";

    /// <summary>Seconds that a provider may take for one answer. All of a sign-in together has <c>Http:CallOutSeconds</c>.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 5;

    /// <summary>Sign-ins by a provider that may be begun from an address within <see cref="WindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int BeginsPerAddress { get; init; } = 30;

    /// <summary>How often somebody may come back from a provider, for an address within <see cref="WindowSeconds"/>. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int ReturnsPerAddress { get; init; } = 30;

    /// <summary>One-time codes that may be tried from an address within <see cref="WindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int ExchangesPerAddress { get; init; } = 60;

    /// <summary>Seconds over which these are counted.</summary>
    [Range(1, 86_400)]
    public int WindowSeconds { get; init; } = 60;

    /// <summary>Which settings there are, and nothing of their values.</summary>
    public override string ToString() => nameof(OAuthSettings);
}

/// <summary>How a provider is spoken to.</summary>
internal enum ProviderKind
{
    /// <summary>By OpenID Connect, with everything else found by discovery.</summary>
    OpenId,

    /// <summary>As GitHub, or a GitHub Enterprise Server, is: OAuth 2.0 with an API of its own.</summary>
    GitHub,
}

/// <summary>One provider, as it is configured.</summary>
internal sealed record ProviderSettings
{
    /// <summary>How it is spoken to.</summary>
    public ProviderKind Kind { get; init; }

    /// <summary>Whose word is taken: the issuer of OpenID Connect, letter for letter as its own document says; of GitHub the address of its pages.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>The address of GitHub's API; nothing for others.</summary>
    public string ApiUrl { get; init; } = "";

    /// <summary>As whom we are known there.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>What shows it. Empty for a client that has none.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>What is asked for, separated by spaces. Empty is what signing in needs.</summary>
    public string Scopes { get; init; } = "";

    /// <summary>What it is called on the front end's button. Empty is the name in its addresses.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which settings there are, and nothing of their values: a record's own text has them all.</summary>
    public override string ToString() => nameof(ProviderSettings);
}

/// <summary>Names what is missing from, or wrong with, a provider; never a secret's value.</summary>
internal sealed partial class OAuthSettingsRules(IOptions<AccountSettings> accounts) : IValidateOptions<OAuthSettings>
{
    private const int ProvidersAtMost = 20;
    private const int TextAtMost = 500;

    public ValidateOptionsResult Validate(string? name, OAuthSettings options)
    {
        var wrong = Wrong(options).Select(pair => $"{pair.Setting} {pair.Why}").ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    /// <summary>Whether nobody can listen in between: TLS, or this machine.</summary>
    public static bool IsSafe(Uri address) => address.UserInfo.Length == 0 && address.Fragment.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && (address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)))));

    private IEnumerable<(string Setting, string Why)> Wrong(OAuthSettings options)
    {
        var providers = options.Providers ?? new Dictionary<string, ProviderSettings>(StringComparer.Ordinal);
        if (providers.Count > 0 && accounts.Value.PagesUrl.Length == 0)
            yield return ("Accounts:PagesUrl", "is required where there are providers to sign in by: it is where people come back to.");
        if (providers.Count > ProvidersAtMost)
            yield return ("OAuth:Providers", $"are more than {ProvidersAtMost}.");
        foreach (var (id, provider) in providers)
            foreach (var (setting, why) in Wrong(id, provider))
                yield return ($"OAuth:Providers:{id}{setting}", why);
    }

    private static IEnumerable<(string Setting, string Why)> Wrong(string id, ProviderSettings provider)
    {
        // The name of a route of ours, which a provider would never be found behind.
        if (!Id().IsMatch(id) || id == "exchange")
            yield return ("", "is no name: lower-case letters, digits and dashes, 30 at the most, and not exchange.");
        if (provider.Kind == ProviderKind.OpenId && provider.Issuer.Length == 0)
            yield return (":Issuer", "is required.");
        if (provider.Kind == ProviderKind.OpenId && provider.ApiUrl.Length > 0)
            yield return (":ApiUrl", "is for Kind GitHub alone.");
        foreach (var (setting, value) in (IEnumerable<(string, string)>)[(":Issuer", provider.Issuer), (":ApiUrl", provider.ApiUrl)])
            if (value.Length > 0 && !(value.Length <= TextAtMost && Uri.TryCreate(value, UriKind.Absolute, out var address) && IsSafe(address) && address.Query.Length == 0))
                yield return (setting, "must be an https:// address without a query; http:// is for this machine alone.");
        if (provider.ClientId.Length is 0 or > TextAtMost || !Visible().IsMatch(provider.ClientId))
            yield return (":ClientId", "is required, and has no spaces.");
        if (provider.ClientSecret.Length > TextAtMost || (provider.ClientSecret.Length > 0 && !Visible().IsMatch(provider.ClientSecret)))
            yield return (":ClientSecret", "has characters that no secret has.");
        if (provider.Kind == ProviderKind.GitHub && provider.ClientSecret.Length == 0)
            yield return (":ClientSecret", "is required.");
        if (provider.Scopes.Length > TextAtMost || (provider.Scopes.Length > 0 && !Scopes().IsMatch(provider.Scopes)))
            yield return (":Scopes", "must be words separated by one space.");
        else if (provider is { Kind: ProviderKind.OpenId, Scopes.Length: > 0 } && !provider.Scopes.Split(' ').Contains("openid", StringComparer.Ordinal))
            yield return (":Scopes", "must have openid among them.");
        if (provider.Name.Length > 100 || provider.Name.Any(char.IsControl))
            yield return (":Name", "must be one line of 100 characters at the most.");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,29}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex("^[!-~]+\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Visible();

    [GeneratedRegex("^[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Scopes();
}
