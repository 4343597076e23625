using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>For whom an authenticator makes and uses a passkey, in WebAuthn's words.</summary>
/// <param name="Domain">The relying party id: a passkey is good at this domain and below it.</param>
/// <param name="Origins">The pages that may ask for one, as browsers name them.</param>
internal sealed record RelyingParty(string Domain, FrozenSet<string> Origins)
{
    private const string ThisMachine = "localhost";

    /// <summary>The one that is configured; null where none is, and <paramref name="wrong"/> then says what stands in the way, if anything was asked for.</summary>
    public static RelyingParty? Of(PasskeySettings settings, string pagesUrl, out string? wrong)
    {
        wrong = null;
        var pages = pagesUrl.Length == 0 ? null : new Uri(pagesUrl);
        var isAsked = settings.Domain.Length > 0 || settings.Origins.Length > 0;
        var domain = settings.Domain.Length > 0 ? settings.Domain : pages?.IdnHost;
        var origins = settings.Origins.Length > 0 ? settings.Origins.Split(' ', StringSplitOptions.RemoveEmptyEntries) : pages is null ? [] : [OriginOf(pages)];
        if (!isAsked && pages is null)
            return null;
        if (domain is null)
            wrong = "Passkeys:Domain is needed where Passkeys:Origins is set and Accounts:PagesUrl is not.";
        else if (origins.Length == 0)
            wrong = "Passkeys:Origins is needed where Passkeys:Domain is set and Accounts:PagesUrl is not.";
        else if (origins.FirstOrDefault(origin => !IsAt(origin, domain)) is { } other)
            wrong = $"Passkeys:Origins has {other}, which is no https origin at {domain} or below it (http is for localhost alone).";
        if (wrong is null)
            return new(domain!, origins.ToFrozenSet(StringComparer.Ordinal));
        // Pages that no browser lets use passkeys, such as those at a bare address, are no mistake where nobody asked for them.
        if (!isAsked)
            wrong = null;
        return null;
    }

    /// <summary>Of a host that is asked by this machine's own browser, where nothing is configured.</summary>
    public static RelyingParty? OfThisMachine(HttpRequest request) =>
        request.Host.Host == ThisMachine ? new(ThisMachine, FrozenSet.Create(StringComparer.Ordinal, $"{request.Scheme}://{request.Host}")) : null;

    private static bool IsAt(string text, string domain) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin) && OriginOf(origin) == text
        && (origin.Scheme == Uri.UriSchemeHttps || (origin.Scheme == Uri.UriSchemeHttp && IsWithin(origin.IdnHost, ThisMachine)))
        && origin.HostNameType == UriHostNameType.Dns && IsWithin(origin.IdnHost, domain);

    private static bool IsWithin(string host, string domain) => host == domain || host.EndsWith("." + domain, StringComparison.Ordinal);

    private static string OriginOf(Uri address) => $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
}

/// <summary>Knows the relying party of a request.</summary>
internal sealed class RelyingParties(IOptions<PasskeySettings> settings, IOptions<AccountSettings> accounts)
{
    private readonly bool _isOpen = accounts.Value.PagesUrl.Length == 0 && settings.Value.Domain.Length == 0;
    private readonly RelyingParty? _configured = RelyingParty.Of(settings.Value, accounts.Value.PagesUrl, out _);

    /// <summary>The configured one; without any, that of <c>localhost</c> where the request went there, as it does while one develops.</summary>
    /// <exception cref="RefusedException"><c>passkeys_off</c> (409).</exception>
    public RelyingParty Of(HttpContext http) => _configured ?? (_isOpen ? RelyingParty.OfThisMachine(http.Request) : null)
        ?? throw new RefusedException("passkeys_off", "Passkeys need to know the pages they are used on, and nobody has said.");
}
