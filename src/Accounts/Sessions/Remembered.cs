using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// What a process remembers of who calls, for seconds, and forgets at a change: here at once after the commit, on the other processes by a signal, or when the
/// seconds are over. What is not there is not remembered.
/// </summary>
internal sealed class Remembered<T> where T : class
{
    private readonly string _prefix;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private readonly int _atMost;
    private ConcurrentDictionary<Guid, Entry> _recent = new();
    private ConcurrentDictionary<Guid, Entry> _older = new();
    private long _changes;

    /// <param name="prefix">What the tags of these begin with, the colon included.</param>
    /// <param name="cache">Who says what has changed.</param>
    /// <param name="settings">How many, and for how long.</param>
    /// <param name="clock">The time.</param>
    public Remembered(string prefix, ResponseCache cache, IOptions<AccountSettings> settings, TimeProvider clock)
    {
        (_prefix, _clock, _lifetime) = (prefix, clock, TimeSpan.FromSeconds(settings.Value.RememberedSeconds));
        // Two generations of half the size each: when the recent one is full the older is let go, which needs no order of use.
        _atMost = settings.Value.RememberedUsers / 2;
        cache.OnEvict(Forget);
    }

    /// <summary>What <see cref="Db.Evict"/> is told when the one of this name changes.</summary>
    public static string Tag(string prefix, Guid name) => $"{prefix}{name:N}";

    /// <summary>The one of this name as remembered, or as just read; null where there is none.</summary>
    public ValueTask<T?> Find<TKey>(Guid name, TKey key, Func<TKey, CancellationToken, Task<T?>> read, CancellationToken ct)
    {
        // Taken before the look: what was found before a change must not be kept after it.
        var changes = Interlocked.Read(ref _changes);
        if (_recent.TryGetValue(name, out var known) && _clock.GetElapsedTime(known.ReadAt) < _lifetime)
            return ValueTask.FromResult<T?>(known.Value);
        if (_older.TryGetValue(name, out known) && _clock.GetElapsedTime(known.ReadAt) < _lifetime)
        {
            Keep(name, known, changes);
            return ValueTask.FromResult<T?>(known.Value);
        }

        return Read(name, key, read, changes, ct);
    }

    private async ValueTask<T?> Read<TKey>(Guid name, TKey key, Func<TKey, CancellationToken, Task<T?>> read, long changes, CancellationToken ct)
    {
        var readAt = _clock.GetTimestamp();
        var value = await read(key, ct);
        if (value is not null)
            Keep(name, new(value, readAt), changes);
        return value;
    }

    private void Keep(Guid name, Entry known, long changes)
    {
        var recent = _recent;
        if (recent.Count >= _atMost)
        {
            _older = recent;
            _recent = recent = new();
        }

        recent[name] = known;
        if (Interlocked.Read(ref _changes) != changes)
            recent.TryRemove(name, out _);
    }

    private void Forget(IReadOnlyCollection<string>? tags)
    {
        if (tags is null)
        {
            Interlocked.Increment(ref _changes);
            _recent = new();
            _older = new();
            return;
        }

        foreach (var tag in tags)
            if (tag.StartsWith(_prefix, StringComparison.Ordinal) && Guid.TryParseExact(tag.AsSpan(_prefix.Length), "N", out var name))
            {
                Interlocked.Increment(ref _changes);
                _recent.TryRemove(name, out _);
                _older.TryRemove(name, out _);
            }
    }

    private sealed record Entry(T Value, long ReadAt);
}
