using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Ordering;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Notifications;

/// <summary>What a receiver was sent.</summary>
/// <param name="Headers">By name, in lower case.</param>
/// <param name="Body">As it came.</param>
internal sealed record Received(IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>A receiver of webhooks in a few lines: it answers what a test tells it to, be it HTTP or not, and remembers what it was sent.</summary>
internal sealed class HookServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly Task _accepting;
    private readonly bool _isSecure;
    private int _open;
    private bool _isOver;

    public HookServer(string scheme = "http")
    {
        _isSecure = scheme == "https";
        _listener.Start();
        Url = $"{scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hook";
        _accepting = Accept();
        Answer();
    }

    public string Url { get; }

    /// <summary>Everything that came whole.</summary>
    public ConcurrentQueue<Received> Received { get; } = [];

    /// <summary>How many connections are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Answers a request.</summary>
    public Func<Received, Stream, CancellationToken, Task> OnRequest { get; set; } = null!;

    /// <summary>Has it answer with a status and a body.</summary>
    public void Answer(string status = "200 OK", string body = "", string headers = "") => OnRequest = (_, stream, ct) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}"), ct).AsTask();

    /// <summary>Has it answer nothing, for as long as it is listened to.</summary>
    public void Hang() => OnRequest = (_, _, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);

    public async ValueTask DisposeAsync()
    {
        // A test may end it before it ends itself.
        if (Interlocked.Exchange(ref _isOver, true))
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _sessions.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        Interlocked.Increment(ref _open);
        using (client)
            try
            {
                await using var stream = client.GetStream();
                // Whoever speaks TLS to it is answered, and in no TLS.
                if (_isSecure)
                {
                    await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                    await stream.ReadExactlyAsync(new byte[100], _stop.Token);
                    return;
                }

                if (await Read(stream) is not { } received)
                    return;
                Received.Enqueue(received);
                await OnRequest(received, stream, _stop.Token);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                // Whoever asked has heard enough, or the test is over.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
    }

    private async Task<Received?> Read(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[8192];
        for (int end; ;)
        {
            var text = Encoding.Latin1.GetString([.. bytes]);
            if ((end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) >= 0)
            {
                var headers = text[..end].Split("\r\n").Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1], StringComparer.Ordinal);
                var length = int.Parse(headers["content-length"], CultureInfo.InvariantCulture);
                if (bytes.Count >= end + 4 + length)
                    return new(headers, Encoding.UTF8.GetString([.. bytes[(end + 4)..(end + 4 + length)]]));
            }

            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
                return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }
    }
}

/// <summary>The application that may call receivers on this machine, and keeps its letters.</summary>
public sealed class WebhookApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    internal static readonly (string Name, string Value)[] Loopback = [("Outside:AllowedNetworks", "127.0.0.0/8"), ("Outside:AllowHttp", "true")];

    protected override void Configure(WebApplicationBuilder builder)
    {
        foreach (var (name, value) in Loopback)
            builder.Configuration[name] = value;
        builder.Configuration["Webhooks:TimeoutSeconds"] = "1";
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Mail:MailboxSize"] = "1000";
    }
}

/// <summary>What tests of webhooks do.</summary>
internal static class Hooks
{
    public const string Endpoints = "/api/v1/webhook-endpoints";

    public static async Task<HttpClient> Admin(this QuitandaApp app) => app.As(await app.Insert(Roles.Customer | Roles.Admin));

    /// <summary>Adds an endpoint; its path and its secret.</summary>
    public static async Task<(string Path, string Secret)> AddEndpoint(this HttpClient admin, string url, params string[] events)
    {
        var made = await (await admin.Post(Endpoints, new { url, events = events.Length == 0 ? ["*"] : events })).Body(HttpStatusCode.Created);
        return ($"{Endpoints}/{made.Id()}", made.Text("secret"));
    }

    /// <summary>Takes away all endpoints, so that they are no part of the next test.</summary>
    public static async ValueTask ForgetEndpoints(this QuitandaApp app) => await app.Execute($"update notifications.webhook_endpoints set deleted_at = {app.Clock.GetUtcNow()} where deleted_at is null");

    /// <summary>Publishes that an order has a status, as Ordering does.</summary>
    public static Task Happens(this QuitandaApp app, string status = "confirmed", int times = 1) => app.WithDb(db =>
    {
        for (var i = 0; i < times; i++)
            db.Publish(new OrderStatusChanged(Guid.CreateVersion7(), 1000 + i, Guid.CreateVersion7(), status));
        return Task.FromResult(true);
    });

    public static async Task<List<JsonElement>> Deliveries(this HttpClient admin, string endpoint, string query = "") =>
        [.. (await (await admin.Get($"{endpoint}/deliveries?limit=100{query}")).Body()).GetProperty("data").EnumerateArray()];
}
