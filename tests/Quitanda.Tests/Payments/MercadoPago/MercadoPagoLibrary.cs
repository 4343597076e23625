using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Payments.Simulator;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>Mercado Pago's own library for Node, in a process of its own. One for each test class.</summary>
public sealed class MercadoPagoLibrary : IAsyncLifetime
{
    private Npm? _node;
    private int _asked;

    public async ValueTask InitializeAsync() => _node = await Npm.Start("mercadopago", "library.js", "");

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Has something done: <paramref name="what"/> with its <c>ask</c>.</summary>
    internal Task<JsonElement> Ask(object what)
    {
        var id = Interlocked.Increment(ref _asked);
        var asked = JsonSerializer.SerializeToNode(what)!.AsObject();
        asked["id"] = id;
        _node!.Tell(asked.ToJsonString());
        return _node.Until(said => said.GetProperty("id").GetInt32() == id);
    }
}

/// <summary>A door to the simulated Mercado Pago for those outside this process.</summary>
internal sealed class SimulatedFront : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatedFront(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<SimulatedFront> Open(Simulator simulator)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var front = new SimulatedFront(builder.Build());
        front._app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var answer = await simulator.Answer("mercadopago", new(
                http.Request.Method, http.Request.Path.Value!,
                http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
                http.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()), http.RequestAborted);
            http.Response.StatusCode = answer.Status;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answer.Body.ToJsonString());
        });
        await front._app.StartAsync(TestContext.Current.CancellationToken);
        return front;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
