using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Where the events of one kind of stream are read from: rows that stay, each with a position in its stream.</summary>
/// <remarks>The positions of a stream begin at 1 and are seen in their order: whoever commits one has kept the next one waiting.</remarks>
public interface IStreamSource
{
    /// <summary>The kind that <see cref="Announcement.Kind"/> names.</summary>
    string Kind { get; }

    /// <summary>
    /// Reads what comes after a place in each of several streams, in one statement: at most <paramref name="limit"/> events for each place, in
    /// their order.
    /// </summary>
    Task<List<StreamEvent>> Read(Db db, IReadOnlyList<StreamPlace> places, int limit, CancellationToken ct);
}

/// <summary>A place in a stream: everything up to <paramref name="After"/> is known.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StreamPlace(Guid Stream, long After);

/// <summary>One event of a stream.</summary>
/// <param name="Place">The index of the place that it was read for, from 0.</param>
/// <param name="Position">Its position in its stream, which a client gives back as <c>Last-Event-ID</c>.</param>
/// <param name="Name">Its type, in camelCase.</param>
/// <param name="Data">What is sent, as JSON.</param>
/// <param name="IsLast">Whether the stream is over with it, as far as anybody knows.</param>
public sealed record StreamEvent(int Place, long Position, string Name, object Data, bool IsLast = false);

/// <summary>
/// Every open event stream of this process. Streams hold no connection and cost nothing while nothing happens: an announcement says that
/// there is something to read, one statement reads it for everybody who watches, and what each has had is known by its position.
/// </summary>
/// <remarks>
/// Replay and live are the same thing: who comes in at a position is read for from that position. Only <see cref="ExecuteAsync"/> moves
/// positions, so nothing comes twice and nothing is left out between the two.
/// </remarks>
public sealed partial class Streams : BackgroundService
{
    /// <summary>Places that one statement reads for.</summary>
    private const int PlacesAtOnce = 500;

    private readonly IServiceScopeFactory _scopes;
    private readonly Dictionary<string, IStreamSource> _sources;
    private readonly StreamSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Dictionary<Key, List<Watcher>> _watchers = [];
    private readonly Pending<Key> _stale = new();
    private readonly Lock _lock = new();

    /// <summary>Made by the container of every source there is.</summary>
    public Streams(IServiceScopeFactory scopes, Signals signals, IEnumerable<IStreamSource> sources, IOptions<StreamSettings> settings, TimeProvider clock, ILogger<Streams> log)
    {
        (_scopes, _settings, _clock, _log) = (scopes, settings.Value, clock, log);
        _sources = sources.ToDictionary(source => source.Kind, StringComparer.Ordinal);
        signals.OnAnnounced(Hear, again: RereadAll);
    }

    /// <summary>
    /// The events of a stream after a position, from the first on to those that are still to come. The route has made sure that
    /// <paramref name="caller"/> may see it.
    /// </summary>
    /// <typeparam name="T">What the events' data is, for the API's document.</typeparam>
    public EventStream<T> Watch<T>(string kind, Guid id, long after, Caller caller) =>
        _sources.ContainsKey(kind) ? new(kind, id, after, caller) : throw new InvalidOperationException($"Nobody reads streams of kind {kind}.");

    internal Watcher Join(string kind, Guid id, long after)
    {
        var key = new Key(kind, id);
        var watcher = new Watcher(this, key, after, _settings.QueueLength, _clock.GetTimestamp());
        lock (_lock)
            (CollectionsMarshal.GetValueRefOrAddDefault(_watchers, key, out _) ??= []).Add(watcher);
        _stale.Add(key);
        return watcher;
    }

    internal void Leave(Watcher watcher)
    {
        lock (_lock)
            if (_watchers.TryGetValue(watcher.Key, out var watchers) && watchers.Remove(watcher) && watchers.Count == 0)
                _watchers.Remove(watcher.Key);
    }

    internal void Reread(Key key) => _stale.Add(key);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ReadStale(stoppingToken), Tick(stoppingToken));

    private void Hear(IReadOnlyCollection<Announcement> announcements)
    {
        foreach (var announcement in announcements)
        {
            var key = new Key(announcement.Kind, announcement.Id);
            bool isWatched;
            lock (_lock)
                isWatched = _watchers.Count > 0 && _watchers.ContainsKey(key);
            if (isWatched)
                _stale.Add(key);
        }
    }

    /// <summary>Something may have been changed that nobody announced: a process that died had no time to, or nobody listened.</summary>
    private void RereadAll()
    {
        Key[] all;
        lock (_lock)
            all = [.. _watchers.Keys];
        _stale.Add(all);
    }

    private async Task Tick(CancellationToken ct)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        var rereadAt = _clock.GetTimestamp();
        while (await ticks.WaitForNextTickAsync(ct))
        {
            lock (_lock)
                foreach (var watcher in _watchers.Values.SelectMany(watchers => watchers))
                    watcher.Beat(_clock, TimeSpan.FromSeconds(_settings.HeartbeatSeconds));
            if (_clock.GetElapsedTime(rereadAt) < TimeSpan.FromSeconds(_settings.RereadSeconds))
                continue;
            rereadAt = _clock.GetTimestamp();
            RereadAll();
        }
    }

    private async Task ReadStale(CancellationToken ct)
    {
        while (true)
            foreach (var ofKind in (await _stale.Take(ct)).GroupBy(key => key.Kind, StringComparer.Ordinal))
                foreach (var keys in ofKind.Chunk(PlacesAtOnce))
                    await Read(_sources[ofKind.Key], keys, ct);
    }

    private async Task Read(IStreamSource source, Key[] keys, CancellationToken ct)
    {
        try
        {
            foreach (var places in PlacesOf(keys).Chunk(PlacesAtOnce))
            {
                await using var scope = _scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<Db>();
                var events = await source.Read(db, [.. places.Select(place => new StreamPlace(place.Key.Id, place.After))], _settings.QueueLength, ct);
                foreach (var read in events.GroupBy(happened => happened.Place))
                    HandOut(places[read.Key].Key, places[read.Key].After, [.. read]);
            }
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // The database may be away for a while; the streams outlive that.
            NotRead(_log, source.Kind, error.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
            _stale.Add(keys);
        }
    }

    /// <summary>Where everybody stands who has room for more. Most stand at the end, all at the same place.</summary>
    private (Key Key, long After)[] PlacesOf(Key[] keys)
    {
        lock (_lock)
            return [.. keys.SelectMany(key => _watchers.TryGetValue(key, out var watchers)
                ? watchers.Where(watcher => !watcher.IsBehind).Select(watcher => watcher.Position).Distinct().Select(after => (key, after))
                : [])];
    }

    private void HandOut(Key key, long after, StreamEvent[] events)
    {
        var frames = Array.ConvertAll(events, happened => new Frame(happened.Position, Write(happened), happened.IsLast));
        lock (_lock)
        {
            if (!_watchers.TryGetValue(key, out var watchers))
                return;
            foreach (var watcher in watchers)
                // Only whom it was read for: somebody who came in meanwhile at an earlier place would miss what lies between.
                if (watcher.Position == after && !watcher.IsBehind)
                    watcher.Take(frames);
        }

        if (events.Length >= _settings.QueueLength)
            _stale.Add(key);
    }

    /// <summary>An event in the form of the HTML standard, section 9.2 (server-sent events). JSON has no line break that a field could end at.</summary>
    private static byte[] Write(StreamEvent happened) =>
        Encoding.UTF8.GetBytes($"id: {happened.Position}\nevent: {happened.Name}\ndata: {JsonSerializer.Serialize(happened.Data, happened.Data.GetType(), Wire.Json)}\n\n");

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stale.Dispose();
        base.Dispose();
    }

    /// <summary>A stream by name.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Key(string Kind, Guid Id);

    /// <summary>What is sent of an event, made once for everybody who watches. A heartbeat has position 0.</summary>
    internal sealed record Frame(long Position, byte[] Bytes, bool IsLast);

    [LoggerMessage(71, LogLevel.Warning, "Streams of kind {Kind} cannot be read: {Reason}")]
    private static partial void NotRead(ILogger log, string kind, string reason);
}
