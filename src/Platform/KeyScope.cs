using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Quitanda.Platform;

/// <summary>
/// What an API key must hold to call a route: <c>orders:read</c>, <c>orders:write</c>. Every route of the API has one, made from its path and
/// method, so that a new route is never open to a key by being forgotten.
/// </summary>
/// <param name="Name">The scope; null for a route that no key may call.</param>
public sealed record KeyScope(string? Name)
{
    /// <summary>The header that a key is sent in.</summary>
    public const string Header = "X-Api-Key";

    /// <summary>The problem's code where a key is good but not for this.</summary>
    public const string Insufficient = "insufficient_scope";

    /// <summary>The scope of a route below <c>/api/v1</c>: its first resource, and whether it only reads.</summary>
    internal static KeyScope Of(RoutePattern pattern, IReadOnlyList<object> metadata)
    {
        var methods = metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
        var writes = methods.Count == 0 || methods.Any(method => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method));
        string[] segments = [.. pattern.PathSegments.Skip(2).Select(segment => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content.ToLowerInvariant() : "")];
        if (segments is not [{ Length: > 0 } resource, ..] || IsForPeopleAlone(segments, methods, writes))
            return new((string?)null);
        return new($"{resource}:{(writes ? "write" : "read")}");
    }

    /// <summary>
    /// What decides who somebody is and how they prove it, now or later. Whoever may change accounts can make one that may do everything, and
    /// no scope would bound that; a ticket stands for its caller without scopes.
    /// </summary>
    private static bool IsForPeopleAlone(string[] segments, IReadOnlyList<string> methods, bool writes) => segments switch
    {
        ["auth" or "api-keys" or "stream-tickets", ..] => true,
        ["users", "me"] => methods.Any(HttpMethods.IsDelete),
        ["users", "me", "export", ..] => true,
        ["users", "me", ..] => false,
        ["users", ..] => writes,
        _ => false,
    };
}

/// <summary>Gives every route its scope.</summary>
internal static class KeyScopes
{
    public static void GiveKeyScopes(this IEndpointConventionBuilder routes) => routes.Finally(route =>
    {
        if (route is RouteEndpointBuilder built)
            built.Metadata.Add(KeyScope.Of(built.RoutePattern, [.. built.Metadata]));
    });
}
