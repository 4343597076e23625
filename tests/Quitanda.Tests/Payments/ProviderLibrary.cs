using System.Text.Json;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>A provider's own library for Node, in a process of its own. One for each test class.</summary>
/// <param name="folder">Its folder below <c>tests</c>.</param>
/// <param name="script">What answers in it.</param>
public abstract class ProviderLibrary(string folder, string script) : IAsyncLifetime
{
    private Npm? _node;
    private int _asked;

    public async ValueTask InitializeAsync() => _node = await Npm.Start(folder, script, "");

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
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
