using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;

namespace Quitanda.Tests.Platform;

/// <summary>Speaks SignalR's JSON protocol over a WebSocket of the test server, so that a test sees every message as it is sent.</summary>
internal sealed class HubClient : IDisposable
{
    private const char End = '\u001e';
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly WebSocket _socket;
    private readonly Queue<JsonElement> _waiting = new();

    private HubClient(WebSocket socket) => _socket = socket;

    /// <summary>Connects. What is refused before the handshake is an <see cref="InvalidOperationException"/> that names its status.</summary>
    public static async Task<HubClient> Connect(TestServer server, string? query = null, string? authorization = null, string? origin = null)
    {
        var client = server.CreateWebSocketClient();
        client.ConfigureRequest = request =>
        {
            if (authorization is not null)
                request.Headers.Authorization = authorization;
            if (origin is not null)
                request.Headers.Origin = origin;
        };
        var hub = new HubClient(await client.ConnectAsync(new Uri(server.BaseAddress, $"/realtime{query}"), TestContext.Current.CancellationToken));
        await hub.Send(new { protocol = "json", version = 1 });
        Assert.Equal("{}", (await hub.NextOfAny())!.Value.GetRawText());
        return hub;
    }

    public ValueTask Send(object message) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message) + End).AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, TestContext.Current.CancellationToken);

    /// <summary>The next message that is no ping; null where the connection has ended.</summary>
    public async Task<JsonElement?> Next()
    {
        // Pings come for ever, so it is the message that is waited for.
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        while (await NextOfAny() is { } message)
        {
            if (message.GetProperty("type").GetInt32() != 6)
                return message;
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(begun) < Patience, "Nothing was said but pings.");
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<JsonElement?> NextOfAny()
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        while (_waiting.Count == 0)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await _socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
            }
            catch (Exception error) when (error is WebSocketException or IOException)
            {
                return null;
            }

            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            text.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage)
                continue;
            foreach (var part in Encoding.UTF8.GetString(text.ToArray()).Split(End, StringSplitOptions.RemoveEmptyEntries))
                _waiting.Enqueue(JsonDocument.Parse(part).RootElement);
            text.SetLength(0);
        }

        return _waiting.Dequeue();
    }
}
