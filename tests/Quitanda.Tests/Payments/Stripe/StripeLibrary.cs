using System.Text.Json;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>Stripe's own library for Node, in a process of its own, with its types. One for each test class.</summary>
public sealed class StripeLibrary : IAsyncLifetime
{
    private Npm? _node;
    private int _asked;

    public async ValueTask InitializeAsync() => _node = await Npm.Start("stripe", "stripe.js", "");

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

    /// <summary>The header with which Stripe would send an event, as its library makes it.</summary>
    internal async Task<string> Sign(string payload, string secret, DateTimeOffset at) =>
        (await Ask(new { ask = "sign", payload, secret, timestamp = at.ToUnixTimeSeconds() })).GetProperty("header").GetString()!;
}
