using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Quitanda.Platform.Telemetry;

/// <summary>GET /metrics: what this process measures, for Prometheus.</summary>
[Refuses("unauthenticated", StatusCodes.Status401Unauthorized), Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ReadMetrics
{
    public const string Path = "/metrics";

    public static void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<TelemetrySettings>>().Value.Metrics)
            return;
        app.MapGet(Path, Handle).AllowAnonymous().WithMetadata(new IgnoresAccessToken()).WithTags("Health").Produces<string>(200, "text/plain", "application/openmetrics-text");
    }

    public static IResult Handle(HttpContext http, Collector collector, MetricsReaders readers)
    {
        if (readers.Refusal(http) is { } refusal)
            return Problem.Of(refusal);
        var isOpenMetrics = WantsOpenMetrics(http.Request.Headers.Accept);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Vary = "Accept";
        return TypedResults.Bytes(collector.Read(isOpenMetrics), isOpenMetrics ? Exposition.OpenMetrics : Exposition.Text);
    }

    /// <summary>Whether OpenMetrics is asked for by name, and no less than plain text.</summary>
    internal static bool WantsOpenMetrics(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
            return false;
        double open = 0, text = 0;
        foreach (var type in types)
            if (type.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            {
                var version = type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.Value.Value;
                if (version is null or "1.0.0" or "0.0.1")
                    open = Math.Max(open, type.Quality ?? 1);
            }
            else if (type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            {
                text = Math.Max(text, type.Quality ?? 1);
            }

        return open > 0 && open >= text;
    }
}

/// <summary>Who may read <c>/metrics</c>: whoever has the token, or without one whoever is near.</summary>
internal sealed class MetricsReaders(IOptions<TelemetrySettings> settings)
{
    private readonly byte[]? _token = settings.Value.MetricsToken.Length > 0 ? Hash(settings.Value.MetricsToken) : null;
    private readonly IPNetwork[] _networks = [.. TelemetrySettings.Networks(settings.Value.MetricsNetworks).Select(network => network.Parsed).OfType<IPNetwork>()];

    /// <summary>The status that a reader is refused with, or null.</summary>
    public int? Refusal(HttpContext http)
    {
        if (_token is not null)
        {
            var given = http.Request.Headers.Authorization is [{ } only] && only.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? only["Bearer ".Length..].Trim() : "";
            // Of one length whatever was sent, so that the time says nothing.
            return CryptographicOperations.FixedTimeEquals(Hash(given), _token) ? null : StatusCodes.Status401Unauthorized;
        }

        // A proxy that we were not told about stands between, so the address is its own and says nothing of who asks.
        var headers = http.Request.Headers;
        if (headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Real-IP"))
            return StatusCodes.Status403Forbidden;
        // Without an address it came by a socket of this machine.
        if (http.Connection.RemoteIpAddress is not { } address)
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return Array.Exists(_networks, network => network.Contains(address)) ? null : StatusCodes.Status403Forbidden;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
