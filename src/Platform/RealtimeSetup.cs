using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>How streams and the hub come into the pipeline, and how a module adds its own.</summary>
public static class StreamRegistration
{
    /// <summary>Adds a kind of event stream.</summary>
    public static IServiceCollection AddStream<TSource>(this IServiceCollection services) where TSource : class, IStreamSource => services.AddSingleton<IStreamSource, TSource>();

    /// <summary>Has the realtime hub tell of a kind of thing.</summary>
    public static IServiceCollection AddRealtime<TSource>(this IServiceCollection services) where TSource : class, IRealtimeSource => services.AddSingleton<IRealtimeSource, TSource>();

    internal static void AddStreams(this IServiceCollection services)
    {
        services.AddSettings<StreamSettings>("Streams")
            .AddSingleton<StreamTickets>().Every<ForgetStreamTickets>("platform.forget-stream-tickets", TimeSpan.FromMinutes(10))
            .AddSingleton<OpenConnections>().AddHostedService(provider => provider.GetRequiredService<OpenConnections>())
            .AddSingleton<Streams>().AddHostedService(provider => provider.GetRequiredService<Streams>())
            .AddSingleton<Realtime>().AddHostedService(provider => provider.GetRequiredService<Realtime>());
        services.AddSignalR(hub =>
        {
            // A client says that it is there, and nothing else.
            hub.MaximumReceiveMessageSize = 4096;
            hub.MaximumParallelInvocationsPerClient = 1;
            hub.HandshakeTimeout = TimeSpan.FromSeconds(10);
            hub.SupportedProtocols = ["json"];
        }).AddJsonProtocol(json => json.PayloadSerializerOptions = Wire.Json);
        services.AddOptions<HubOptions>().Configure<IOptions<StreamSettings>>((hub, streams) =>
        {
            hub.KeepAliveInterval = TimeSpan.FromSeconds(streams.Value.HeartbeatSeconds);
            hub.ClientTimeoutInterval = 2 * hub.KeepAliveInterval;
        });
    }

    /// <summary>Maps the hub, over WebSockets alone: without a negotiation first, a client may reach any process behind any balancer.</summary>
    internal static void MapRealtime(this IEndpointRouteBuilder routes) => routes
        .MapHub<RealtimeHub>("/realtime", hub =>
        {
            hub.Transports = HttpTransportType.WebSockets;
            hub.TransportMaxBufferSize = 64 * 1024;
            hub.ApplicationMaxBufferSize = 16 * 1024;
        })
        .RequireAuthorization().WithMetadata(new TakesTicket())
        .Add(route =>
        {
            var connect = route.RequestDelegate!;
            route.RequestDelegate = route.Metadata.OfType<NegotiateMetadata>().Any()
                ? context => Problem.Of(404, detail: "Connect by WebSocket without negotiation (skipNegotiation).").ExecuteAsync(context)
                : context => Connect(context, connect);
        });

    private static async Task Connect(HttpContext context, RequestDelegate connect)
    {
        if (!MayBeWebSocket(context.Features))
        {
            await Problem.Of(400, detail: "This is for WebSockets.").ExecuteAsync(context);
            return;
        }

        // CORS does not cover WebSockets: a browser tells whose page it is, and connects without asking.
        if (!IsFromHere(context.Request) && !PlatformSetup.OriginsOf(context.RequestServices.GetRequiredService<IOptions<HttpSettings>>().Value).Contains(context.Request.Headers.Origin.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            await Problem.Of(403, detail: "Pages of this origin may not connect.").ExecuteAsync(context);
            return;
        }

        using var connection = context.RequestServices.GetRequiredService<OpenConnections>().Open(Caller.Of(context)!, out var refusal);
        if (connection is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await refusal!.ExecuteAsync(context);
            return;
        }

        context.Items[typeof(OpenConnection)] = connection;
        await connect(context);
    }

    private static bool MayBeWebSocket(IFeatureCollection features) =>
        features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true };

    /// <summary>Whether it comes from no page at all, or from one of this very host.</summary>
    private static bool IsFromHere(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        return origin.Count == 0 || string.Equals(origin.ToString(), $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
