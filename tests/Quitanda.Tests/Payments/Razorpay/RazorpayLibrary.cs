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

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>Razorpay's own library in a process of its own, and the simulated Razorpay behind an address, so that the one can ask the other. One for each test class.</summary>
public sealed class RazorpayLibrary : IAsyncLifetime
{
    private Npm? _node;
    private WebApplication? _door;
    private IServiceProvider? _services;
    private string _address = "";
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        _node = await Npm.Start("razorpay", "razorpay.js", "");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _door = builder.Build();
        _door.Run(Answer);
        await _door.StartAsync();
        _address = _door.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        _node?.Dispose();
        if (_door is not null)
            await _door.DisposeAsync();
    }

    /// <summary>What the library makes of bodies and their signatures.</summary>
    internal async Task<bool[]> Validate(IEnumerable<(string Body, string Signature, string Secret)> calls) =>
        [.. (await Ask(new { ask = "validate", calls = calls.Select(call => new { body = call.Body, signature = call.Signature, secret = call.Secret }) })).GetProperty("valid").EnumerateArray().Select(valid => valid.GetBoolean())];

    /// <summary>Has the library ask an application's simulated Razorpay, such as <c>payments.fetch("pay_1")</c>: <c>answer</c> or <c>refusal</c>.</summary>
    internal async Task<JsonElement> Call(SimulatedPaymentsApp app, string resource, string method, params object[] args)
    {
        _services = app.Services;
        return await Ask(new { ask = "call", at = _address, resource, method, args });
    }

    private Task<JsonElement> Ask(object what)
    {
        var id = Interlocked.Increment(ref _asked);
        var asked = JsonSerializer.SerializeToNode(what)!.AsObject();
        asked["id"] = id;
        _node!.Tell(asked.ToJsonString());
        return _node.Until(said => said.GetProperty("id").GetInt32() == id);
    }

    private async Task Answer(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var question = new SimulatedQuestion(
            http.Request.Method, http.Request.Path, http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
            http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        var answer = await _services!.GetRequiredService<Simulator>().Answer("razorpay", question, http.RequestAborted);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.Body.ToJsonString());
    }
}
