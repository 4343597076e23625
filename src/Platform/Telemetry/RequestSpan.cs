using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Quitanda.Platform.Telemetry;

/// <summary>
/// What a request's span and its measurements say. The framework starts and ends both; what is said of a person or opens a door, such as an
/// address, a query or a token in a path, is never among it.
/// </summary>
internal static class RequestSpan
{
    private static readonly string[] Secrets = ["token", "ticket", "secret", "key", "code", "signature", "password"];

    /// <summary>Leaves out what is asked every few seconds by machines.</summary>
    public static void Begin(HttpContext context)
    {
        if (!HouseMeter.Activities.HasListeners() || Of(context) is not { Recorded: true } span)
            return;
        if (!context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments(ReadMetrics.Path, StringComparison.Ordinal))
            return;
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    /// <summary>Says what came of it.</summary>
    public static void End(HttpContext context)
    {
        if (!HouseMeter.Activities.HasListeners() || Of(context) is not { IsAllDataRequested: true } span)
            return;
        var request = context.Request;
        var method = MethodOf(context);
        var route = RouteOf(context);
        var status = context.Response.StatusCode;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method == "HTTP" ? "_OTHER" : method);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("http.response.status_code", status);
        span.SetTag("network.protocol.version", request.Protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? request.Protocol[5..] : null);
        if (route is not null)
        {
            span.SetTag("http.route", route);
            // A path that leads nowhere may be anything that somebody typed.
            span.SetTag("url.path", PathOf(context));
        }

        if (context.GetEndpoint() is not null)
            span.SetTag("quitanda.use_case", UseCaseOf(context));
        if (status < 500)
            return;
        span.SetTag("error.type", span.GetTagItem("error.type") ?? status.ToString(CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The route's template; null where no route was found.</summary>
    public static string? RouteOf(HttpContext context) => context.GetEndpoint() switch
    {
        null => null,
        PublicReads.KeptEndpoint kept => kept.Route,
        var endpoint => endpoint.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route,
    };

    /// <summary>The request's path for logs and spans; the route instead where a part of the path is a secret.</summary>
    public static string PathOf(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint { RoutePattern: { Parameters.Count: > 0 } pattern } && HasSecret(pattern) ? "/" + pattern.RawText!.TrimStart('/') : context.Request.Path.Value ?? "/";

    /// <summary>What a request was meant to do: its use case, or the route where that has none.</summary>
    public static string UseCaseOf(HttpContext context)
    {
        var method = MethodOf(context);
        if (context.GetEndpoint() is not { } endpoint)
            return $"{method} (no route)";
        var declaring = endpoint.Metadata.GetMetadata<System.Reflection.MethodInfo>()?.DeclaringType;
        if (declaring is not null && !declaring.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false) && declaring.GetMethod("Handle") is not null)
            return declaring.Name;
        return endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"{method} {endpoint.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route}";
    }

    /// <summary>The method; one of a client's own invention is called as all of that kind are.</summary>
    public static string MethodOf(HttpContext context)
    {
        var method = HttpMethods.GetCanonicalizedValue(context.Request.Method);
        return HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
            ? method : "HTTP";
    }

    private static bool HasSecret(RoutePattern pattern)
    {
        foreach (var parameter in pattern.Parameters)
            foreach (var secret in Secrets)
                if (parameter.Name.Contains(secret, StringComparison.OrdinalIgnoreCase))
                    return true;
        return false;
    }

    private static Activity? Of(HttpContext context) => context.Features.Get<IHttpActivityFeature>()?.Activity;
}
