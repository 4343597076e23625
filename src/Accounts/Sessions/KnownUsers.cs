using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>What a process goes by when a user calls.</summary>
/// <param name="Roles">What they may do.</param>
/// <param name="IsActive">Whether they may do anything.</param>
/// <param name="Version">Access tokens of an older one are refused.</param>
/// <param name="Ended">Their sessions that ended so lately that access tokens of theirs may still be about; mostly none.</param>
/// <param name="ReadAt">When it was read, in ticks of the clock.</param>
internal sealed record KnownUser(Roles Roles, bool IsActive, long Version, Guid[] Ended, long ReadAt)
{
    /// <summary>Whether an access token of this sign-in is still good.</summary>
    public bool MayCall(Guid sessionId, long? version) => IsActive && !(version < Version) && Array.IndexOf(Ended, sessionId) < 0;
}

/// <summary>
/// Roles, status, version and ended sessions of the users who call, remembered for seconds and forgotten at a change: here at once after the commit, on the
/// other processes by a signal, or when the seconds are over.
/// </summary>
internal sealed class KnownUsers
{
    private const string TagPrefix = "user:";

    /// <summary>More than the clocks of two processes may be apart.</summary>
    private const int ClocksApartSeconds = 60;

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private readonly int _atMost;
    private ConcurrentDictionary<Guid, KnownUser> _recent = new();
    private ConcurrentDictionary<Guid, KnownUser> _older = new();
    private long _changes;

    public KnownUsers(Database database, ResponseCache cache, IOptions<AccountSettings> settings, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        _lifetime = TimeSpan.FromSeconds(settings.Value.RememberedSeconds);
        // Two generations of half the size each: when the recent one is full the older is let go, which needs no order of use.
        _atMost = settings.Value.RememberedUsers / 2;
        cache.OnEvict(Forget);
    }

    /// <summary>What <see cref="Db.Evict"/> is told when a user changes, or one of their sessions ends.</summary>
    public static string Tag(Guid userId) => $"{TagPrefix}{userId:N}";

    /// <summary>The user as remembered, or as just read; null where there is none.</summary>
    public ValueTask<KnownUser?> Find(Guid userId, CancellationToken ct)
    {
        // Taken before the look: what was found before a change must not be kept after it.
        var changes = Interlocked.Read(ref _changes);
        if (_recent.TryGetValue(userId, out var known) && _clock.GetElapsedTime(known.ReadAt) < _lifetime)
            return ValueTask.FromResult<KnownUser?>(known);
        if (_older.TryGetValue(userId, out known) && _clock.GetElapsedTime(known.ReadAt) < _lifetime)
        {
            Keep(userId, known, changes);
            return ValueTask.FromResult<KnownUser?>(known);
        }

        return Read(userId, changes, ct);
    }

    private async ValueTask<KnownUser?> Read(Guid userId, long changes, CancellationToken ct)
    {
        var readAt = _clock.GetTimestamp();
        // What ended before has no access token left, whatever their lifetime was set to when they were given out.
        var since = _clock.GetUtcNow() - TimeSpan.FromSeconds(AccountSettings.LongestAccessTokenSeconds + ClocksApartSeconds);
        KnownUser? known = null;
        await _database.Reading(
            $"select roles, is_active, version, array(select s.id from accounts.sessions s where s.user_id = u.id and s.revoked_at > {since}) from accounts.users u where u.id = {userId}", async reader =>
            {
                if (await reader.ReadAsync(CancellationToken.None))
                    known = new((Roles)reader.GetInt32(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetFieldValue<Guid[]>(3), readAt);
            }, ct);
        if (known is not null)
            Keep(userId, known, changes);
        return known;
    }

    private void Keep(Guid userId, KnownUser known, long changes)
    {
        var recent = _recent;
        if (recent.Count >= _atMost)
        {
            _older = recent;
            _recent = recent = new();
        }

        recent[userId] = known;
        if (Interlocked.Read(ref _changes) != changes)
            recent.TryRemove(userId, out _);
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
            if (tag.StartsWith(TagPrefix, StringComparison.Ordinal) && Guid.TryParseExact(tag.AsSpan(TagPrefix.Length), "N", out var userId))
            {
                Interlocked.Increment(ref _changes);
                _recent.TryRemove(userId, out _);
                _older.TryRemove(userId, out _);
            }
    }
}
