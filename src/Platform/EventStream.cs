using System.Reflection;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Metadata of routes that also know a caller by a ticket, since a browser opens them without headers of ours.</summary>
public sealed class TakesTicket
{
    /// <summary>The query parameter of event streams that holds a ticket.</summary>
    public const string Parameter = "ticket";

    /// <summary>The query parameter that SignalR's clients put it into.</summary>
    public const string RealtimeParameter = "access_token";
}

/// <summary>
/// Where a client was when it lost its stream: the header <c>Last-Event-ID</c>, which browsers send when they come again by themselves, or the
/// query parameter <c>lastEventId</c>, for who comes with a new ticket. Ask for it as a handler's parameter.
/// </summary>
/// <param name="Position">The last event that the client has; 0 for none.</param>
public sealed record LastEventId(long Position)
{
    /// <summary>Whether the client said so, be it that it has none.</summary>
    public bool IsGiven { get; private init; }

    internal const string Header = "Last-Event-ID";
    internal const string Parameter = "lastEventId";

    /// <summary>Binds the handler's parameter.</summary>
    /// <exception cref="InvalidException">It is no id of ours.</exception>
    public static ValueTask<LastEventId> BindAsync(HttpContext context)
    {
        var (name, given) = context.Request.Headers.TryGetValue(Header, out var header) ? (Header, header) : (Parameter, context.Request.Query[Parameter]);
        // An empty one is what a browser's own reset looks like.
        if (given is [] or [""] or [null])
            return ValueTask.FromResult(new LastEventId(0));
        return given is [{ Length: <= 18 } one] && long.TryParse(one, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var position)
            ? ValueTask.FromResult(new LastEventId(position) { IsGiven = true })
            : throw new InvalidException(name, "must be the id of an event of this stream.");
    }
}

/// <summary>An answer that goes on: the events of a stream as they happen, in <c>text/event-stream</c>. Made by <see cref="Streams.Watch{T}"/>.</summary>
/// <typeparam name="T">What the events' data is, for the API's document.</typeparam>
public sealed class EventStream<T> : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    /// <summary>How long what is being sent may take when the stream is to end.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly string _kind;
    private readonly Guid _id;
    private readonly long _after;
    private readonly Caller _caller;

    internal EventStream(string kind, Guid id, long after, Caller caller) => (_kind, _id, _after, _caller) = (kind, id, after, caller);

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["text/event-stream"]));
        builder.Metadata.Add(new TakesTicket());
    }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (services, response) = (httpContext.RequestServices, httpContext.Response);
        using var connection = services.GetRequiredService<OpenConnections>().Open(_caller, out var refusal);
        if (connection is null)
        {
            response.Headers.RetryAfter = "5";
            await refusal!.ExecuteAsync(httpContext);
            return;
        }

        response.ContentType = "text/event-stream";
        // No cache, no compression on the way, and no proxy that waits for more.
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // The body of an answer to HEAD goes nowhere, and would do so for ever.
        if (ReferenceEquals(response.Body, Stream.Null))
            return;

        using var watcher = services.GetRequiredService<Streams>().Join(_kind, _id, _after);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, connection.Ended);
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
        using var farewell = connection.Ended.Register(() => writing.CancelAfter(Farewell));
        var retry = services.GetRequiredService<IOptions<StreamSettings>>().Value.RetryMilliseconds;
        var isWriting = true;
        try
        {
            await response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes($"retry: {retry}\n\n"), writing.Token);
            isWriting = false;
            while (await watcher.Next(ending.Token) is { } frame)
            {
                isWriting = true;
                await response.BodyWriter.WriteAsync(frame.Bytes, writing.Token);
                isWriting = false;
                if (watcher.IsOverWith(frame))
                    return;
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The client has gone, or is sent away: it comes again and says what it had. One that does not read is not waited for any longer.
            if (isWriting)
                httpContext.Abort();
        }
    }
}

/// <summary>One reader of one stream, with what waits for it.</summary>
internal sealed class Watcher(Streams streams, Streams.Key key, long after, int queueLength, long joinedAt) : IDisposable
{
    private static readonly Streams.Frame Heartbeat = new(0, [.. ":\n\n"u8], IsLast: false);

    private readonly Channel<Streams.Frame> _queue = Channel.CreateBounded<Streams.Frame>(new BoundedChannelOptions(queueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long _saidAt = joinedAt;
    private volatile bool _isBehind;

    public Streams.Key Key { get; } = key;

    /// <summary>The last event that was handed to it.</summary>
    public long Position { get; private set; } = after;

    /// <summary>Whether it had no room for what was read; it asks again when it has.</summary>
    public bool IsBehind => _isBehind;

    /// <summary>Takes what was read for it, as far as there is room.</summary>
    public void Take(Streams.Frame[] frames)
    {
        foreach (var frame in frames)
        {
            if (!_queue.Writer.TryWrite(frame))
            {
                _isBehind = true;
                // Whoever emptied the queue just before saw nothing to ask for.
                AskAgain();
                return;
            }

            Position = frame.Position;
        }
    }

    /// <summary>Says something every so often, whatever else is said.</summary>
    public void Beat(TimeProvider clock, TimeSpan after)
    {
        if (clock.GetElapsedTime(Interlocked.Read(ref _saidAt)) < after)
            return;
        Interlocked.Exchange(ref _saidAt, clock.GetTimestamp());
        // Where there is no room there is no silence.
        _queue.Writer.TryWrite(Heartbeat);
    }

    /// <summary>What is to be sent next.</summary>
    public async ValueTask<Streams.Frame?> Next(CancellationToken ct)
    {
        while (true)
        {
            if (_queue.Reader.TryRead(out var frame))
                return frame;
            AskAgain();
            if (!await _queue.Reader.WaitToReadAsync(ct))
                return null;
        }
    }

    /// <summary>Whether the stream is over with what was just sent: nothing can come after it, and nothing waits.</summary>
    public bool IsOverWith(Streams.Frame sent) => sent.IsLast && !IsBehind && _queue.Reader.Count == 0;

    public void Dispose() => streams.Leave(this);

    private void AskAgain()
    {
        if (!_isBehind || _queue.Reader.Count > 0)
            return;
        _isBehind = false;
        streams.Reread(Key);
    }
}
