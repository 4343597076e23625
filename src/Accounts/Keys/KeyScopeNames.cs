using System.Collections.Frozen;
using Microsoft.AspNetCore.Routing;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>The scopes that there are: those that a route asks for.</summary>
internal sealed class KeyScopeNames(EndpointDataSource routes)
{
    private readonly Lazy<FrozenSet<string>> _names = new(() =>
        routes.Endpoints.Select(route => route.Metadata.GetMetadata<KeyScope>()?.Name).OfType<string>().ToFrozenSet(StringComparer.Ordinal));

    /// <summary>Refuses a scope that no route asks for: it is misspelt, and would never be missed.</summary>
    /// <exception cref="InvalidException">Names the first such one.</exception>
    public void Require(string[] scopes)
    {
        for (var i = 0; i < scopes.Length; i++)
            if (!_names.Value.Contains(scopes[i]))
                throw new InvalidException($"scopes[{i}]", $"is no scope; there are {string.Join(", ", _names.Value.Order(StringComparer.Ordinal))}.");
    }
}
