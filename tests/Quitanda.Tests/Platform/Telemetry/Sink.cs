using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Quitanda.Tests.Platform.Telemetry;

/// <summary>A server on this machine that takes whatever it is sent, and answers as a test says.</summary>
internal sealed class Sink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private Sink(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public IReadOnlyCollection<Received> All => _received;

    public static async Task<Sink> Start(Func<HttpContext, int, Task>? answer = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var sink = new Sink(builder.Build());
        sink._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, CancellationToken.None);
            sink._received.Enqueue(new(context.Request.Path.Value!, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            sink._arrived.Release();
            if (answer is not null)
                await answer(context, sink._received.Count);
        });
        await sink._app.StartAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    /// <summary>Waits until what has arrived is enough.</summary>
    public async Task Until(Func<IReadOnlyCollection<Received>, bool> isEnough)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!isEnough(_received))
            await _arrived.WaitAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _arrived.Dispose();
    }
}

/// <summary>One request that arrived.</summary>
internal sealed record Received(string Path, Dictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text, whatever it is: for looking for what must not be in it.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body as a message of protocol buffers.</summary>
    public Proto Message => new(Body);
}

/// <summary>A message of protocol buffers, read without its schema: the fields that a test asks for by number.</summary>
internal readonly struct Proto(ReadOnlyMemory<byte> bytes)
{
    public string Text => Encoding.UTF8.GetString(bytes.Span);

    public string Hex => Convert.ToHexStringLower(bytes.Span);

    public Proto One(int field) => All(field).FirstOrDefault();

    /// <summary>Every value of a field that has bytes.</summary>
    public IEnumerable<Proto> All(int field) => Fields().Where(one => one.Number == field).Select(one => new Proto(one.Bytes));

    public long Number(int field) => Fields().FirstOrDefault(one => one.Number == field).Value;

    /// <summary>OpenTelemetry's attributes: pairs of a key and a value of one of a few types.</summary>
    public Dictionary<string, string> Attributes(int field) => All(field).GroupBy(pair => pair.One(1).Text, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair =>
    {
        var value = pair.First().One(2);
        return value.All(1).Any() ? value.One(1).Text : $"{value.Number(2) + value.Number(3)}";
    }, StringComparer.Ordinal);

    private List<(int Number, ReadOnlyMemory<byte> Bytes, long Value)> Fields()
    {
        List<(int, ReadOnlyMemory<byte>, long)> fields = [];
        var at = 0;
        while (at < bytes.Length)
        {
            var tag = Varint(ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add((number, default, Varint(ref at))); break;
                case 1: fields.Add((number, bytes.Slice(at, 8), 0)); at += 8; break;
                case 2:
                    var length = (int)Varint(ref at);
                    fields.Add((number, bytes.Slice(at, length), 0));
                    at += length;
                    break;
                case 5: fields.Add((number, bytes.Slice(at, 4), 0)); at += 4; break;
                default: throw new InvalidDataException($"wire type {tag & 7}");
            }
        }

        return fields;
    }

    private long Varint(ref int at)
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes.Span[at++];
            value |= (long)(one & 0x7f) << shift;
            if (one < 0x80)
                return value;
        }
    }
}
