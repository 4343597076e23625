using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments;

/// <summary>A simulated provider on a socket of this machine, so that others than our adapter can ask it.</summary>
internal sealed class SimulatedFront : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatedFront(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<SimulatedFront> Open(Simulator simulator, string provider)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var front = new SimulatedFront(builder.Build());
        front._app.Run(http => Answer(simulator, provider, http));
        await front._app.StartAsync(TestContext.Current.CancellationToken);
        return front;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task Answer(Simulator simulator, string provider, HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var answer = await simulator.Answer(provider, new(
            http.Request.Method, http.Request.Path.Value!,
            http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
            http.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()), http.RequestAborted);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.Body.ToJsonString());
    }
}
