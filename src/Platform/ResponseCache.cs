using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Settings of the cache of public answers. Section <c>Cache</c>.</summary>
public sealed record CacheSettings
{
    /// <summary>Megabytes of finished answers that a process keeps at the most. 0 keeps none.</summary>
    [Range(0, 65_536)]
    public int MegaBytes { get; init; } = 64;

    /// <summary>Seconds that an answer lives at the most, whatever evictions were lost.</summary>
    [Range(1, 60)]
    public int Seconds { get; init; } = 60;
}

/// <summary>
/// A process's finished answers to reads that anyone may make, tagged by what they show and forgotten by tag after the commit that changes it.
/// </summary>
/// <remarks>
/// A fill remembers the sequence before its query and is kept only if none of its tags was evicted since: a slow query that read the old
/// row cannot put a stale answer back.
/// </remarks>
public sealed class ResponseCache(IOptions<CacheSettings> settings, IOptions<CompressionSettings> compression, TimeProvider clock)
{
    /// <summary>Evicted tags remembered; past that, fills that began before the clearing are not kept.</summary>
    private const int TagsRemembered = 100_000;

    private readonly long _bytesAtMost = settings.Value.MegaBytes * 1024L * 1024;
    private readonly long _lifetime = settings.Value.Seconds * clock.TimestampFrequency;
    private readonly ConcurrentDictionary<string, CachedAnswer> _byTarget = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _targetsByTag = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _evictedAt = new(StringComparer.Ordinal);
    private readonly LinkedList<CachedAnswer> _oldest = new();
    private readonly Lock _lock = new();
    private Action<IReadOnlyCollection<string>?>? _onEvict;
    private long _sequence;
    private long _floor;
    private long _bytes;
    private long _hits;
    private long _misses;

    /// <summary>Bytes kept right now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Answers given from here so far.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Answers that had to be made so far, though they could have been here.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>The sequence to remember before the query of a fill.</summary>
    internal long Sequence => Interlocked.Read(ref _sequence);

    /// <summary>The finished answer to <paramref name="target"/>, if one is kept and young enough.</summary>
    internal CachedAnswer? Find(string target)
    {
        if (!_byTarget.TryGetValue(target, out var answer))
            return null;
        if (clock.GetTimestamp() - answer.FilledAt <= _lifetime)
        {
            Interlocked.Increment(ref _hits);
            return answer;
        }

        lock (_lock)
            Drop(answer);
        return null;
    }

    /// <summary>Counts an answer that has to be made.</summary>
    internal void Missed() => Interlocked.Increment(ref _misses);

    /// <summary>Keeps an answer, unless something it shows was evicted since <paramref name="begun"/>.</summary>
    internal CachedAnswer Fill(string target, byte[] body, string contentType, IReadOnlyCollection<string> tags, long begun)
    {
        var answer = new CachedAnswer(target, body, contentType, [.. tags], clock.GetTimestamp(), compression.Value, this);
        lock (_lock)
        {
            if (answer.Size > _bytesAtMost / 16 || begun < _floor || tags.Any(tag => _evictedAt.TryGetValue(tag, out var at) && at > begun))
                return answer;
            if (_byTarget.TryGetValue(target, out var before))
                Drop(before);

            MakeRoom(answer.Size);
            _byTarget[target] = answer;
            _oldest.AddLast(answer.Place);
            _bytes += answer.Size;
            foreach (var tag in answer.Tags)
                (_targetsByTag.TryGetValue(tag, out var targets) ? targets : _targetsByTag[tag] = new(StringComparer.Ordinal)).Add(target);
        }

        return answer;
    }

    /// <summary>Tells whoever keeps something else by the same tags what is stale, whichever process changed it; null is everything.</summary>
    public void OnEvict(Action<IReadOnlyCollection<string>?> forget)
    {
        lock (_lock)
            _onEvict += forget;
    }

    /// <summary>Forgets every answer with one of these tags, and refuses fills that began before.</summary>
    public void Evict(IReadOnlyCollection<string> tags)
    {
        _onEvict?.Invoke(tags);
        lock (_lock)
        {
            var now = Interlocked.Increment(ref _sequence);
            if (_evictedAt.Count > TagsRemembered)
            {
                _evictedAt.Clear();
                _floor = now;
            }

            foreach (var tag in tags)
            {
                _evictedAt[tag] = now;
                if (!_targetsByTag.Remove(tag, out var targets))
                    continue;
                foreach (var target in targets)
                    if (_byTarget.TryGetValue(target, out var answer))
                        Drop(answer);
            }
        }
    }

    /// <summary>Forgets everything, and refuses fills that have begun.</summary>
    public void Clear()
    {
        _onEvict?.Invoke(null);
        lock (_lock)
        {
            _floor = Interlocked.Increment(ref _sequence);
            _byTarget.Clear();
            _targetsByTag.Clear();
            _evictedAt.Clear();
            _oldest.Clear();
            _bytes = 0;
        }
    }

    /// <summary>Counts another form of an answer, while the answer is kept.</summary>
    internal void Grow(CachedAnswer answer, int by)
    {
        lock (_lock)
        {
            if (answer.Place.List is null)
                return;
            MakeRoom(by);
            // Room may have been made by letting go of this very answer.
            if (answer.Place.List is null)
                return;
            answer.Size += by;
            _bytes += by;
        }
    }

    private void MakeRoom(long bytes)
    {
        while (_bytes + bytes > _bytesAtMost && _oldest.First is { } oldest)
            Drop(oldest.Value);
    }

    private void Drop(CachedAnswer answer)
    {
        if (!_byTarget.TryRemove(new(answer.Target, answer)))
            return;
        _oldest.Remove(answer.Place);
        _bytes -= answer.Size;
        foreach (var tag in answer.Tags)
            if (_targetsByTag.TryGetValue(tag, out var targets) && targets.Remove(answer.Target) && targets.Count == 0)
                _targetsByTag.Remove(tag);
    }
}
