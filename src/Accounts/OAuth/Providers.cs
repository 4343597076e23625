using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>The providers that are configured.</summary>
internal sealed class Providers
{
    private readonly SortedDictionary<string, (string Name, ISignInProvider Provider)> _all = new(StringComparer.Ordinal);

    public Providers(IOptions<OAuthSettings> settings, Outside outside, TimeProvider clock)
    {
        foreach (var (id, provider) in settings.Value.Providers ?? new Dictionary<string, ProviderSettings>(StringComparer.Ordinal))
            _all[id] = (provider.Name.Length > 0 ? provider.Name : id, provider.Kind == ProviderKind.GitHub ? new GitHubProvider(provider, outside) : new OpenIdProvider(provider, outside, clock));
    }

    /// <summary>Their names, as in addresses and as on buttons.</summary>
    public IReadOnlyList<ListSignInProviders.Response> Names => [.. _all.Select(one => new ListSignInProviders.Response(one.Key, one.Value.Name))];

    /// <summary>What people call one of them.</summary>
    public string NameOf(string id) => _all[id].Name;

    /// <summary>One of them.</summary>
    /// <exception cref="RefusedException"><c>not_found</c> (404): there is none of this name.</exception>
    public ISignInProvider Of(string id) => _all.TryGetValue(id, out var found) ? found.Provider : throw new RefusedException("not_found", "There is no such provider.", StatusCodes.Status404NotFound);
}
