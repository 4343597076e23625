using System.Security.Cryptography;
using System.Text.Json;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>A wallet as people have one, of ethers, and the reference reader of EIP-4361 beside it, in a process of their own. One for each test class.</summary>
public sealed class WalletLibrary : IAsyncLifetime
{
    private Npm? _node;
    private int _asked;

    public async ValueTask InitializeAsync() => _node = await Npm.Start("wallet", "wallet.js", "");

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A wallet that nobody had before.</summary>
    internal async Task<TestWallet> New()
    {
        var key = "0x" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return new(this, key, (await Ask(new { ask = "address", key })).Text("address"));
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

/// <summary>Somebody's wallet.</summary>
internal sealed record TestWallet(WalletLibrary Library, string Key, string Address)
{
    /// <summary>Signs a text as wallets sign messages (EIP-191).</summary>
    public async Task<string> Sign(string message) => (await Library.Ask(new { ask = "sign", key = Key, message })).Text("signature");
}
