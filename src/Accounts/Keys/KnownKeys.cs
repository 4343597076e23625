using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>What a process goes by when a key calls.</summary>
internal sealed class KnownKey(Guid id, Guid userId, byte[] hash, string[] scopes, DateTimeOffset? expiresAt, DateTimeOffset? lastUsedAt)
{
    private long _lastUsed = lastUsedAt?.UtcTicks ?? 0;

    public Guid Id => id;

    public Guid UserId => userId;

    public byte[] Hash => hash;

    public DateTimeOffset? ExpiresAt => expiresAt;

    public bool Holds(string scope) => Array.IndexOf(scopes, scope) >= 0;

    /// <summary>Whether it is time to write that the key was used; true for one of many who ask at once.</summary>
    public bool IsToBeNoted(DateTimeOffset now)
    {
        var last = Volatile.Read(ref _lastUsed);
        return now.UtcTicks - last >= ApiKey.UseNoted.Ticks && Interlocked.CompareExchange(ref _lastUsed, now.UtcTicks, last) == last;
    }
}

/// <summary>The keys that call, remembered for seconds as their owners are, and forgotten when they are revoked. What is no key is not remembered.</summary>
internal sealed class KnownKeys(Database database, ResponseCache cache, IOptions<AccountSettings> settings, TimeProvider clock)
{
    private const string TagPrefix = "api-key:";

    private readonly Remembered<KnownKey> _remembered = new(TagPrefix, cache, settings, clock);

    /// <summary>What <see cref="Db.Evict"/> is told when a key is revoked: half of its hash, which opens nothing.</summary>
    public static string Tag(byte[] hash) => Remembered<KnownKey>.Tag(TagPrefix, NameOf(hash));

    /// <summary>The key that has this text, as remembered or as just read, and not expired; null where there is none.</summary>
    public async ValueTask<KnownKey?> Find(string text, CancellationToken ct)
    {
        if (!ApiKey.IsOne(text))
            return null;
        var hash = OpaqueToken.HashOf(text);
        var key = await _remembered.Find(NameOf(hash), (Keys: this, Hash: hash), static (key, ct) => key.Keys.Read(key.Hash, ct), ct);
        return key is not null && CryptographicOperations.FixedTimeEquals(key.Hash, hash) && (key.ExpiresAt is null || key.ExpiresAt > clock.GetUtcNow()) ? key : null;
    }

    /// <summary>Writes that a key was used, where that was not written in the last minute, by this process or another.</summary>
    public async ValueTask Note(KnownKey key, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (key.IsToBeNoted(now))
            await database.Reading(
                $"update accounts.api_keys set last_used_at = {now} where id = {key.Id} and created_at <= {now} and (last_used_at is null or last_used_at <= {now - ApiKey.UseNoted})",
                _ => Task.CompletedTask, ct);
    }

    private static Guid NameOf(byte[] hash) => new(hash.AsSpan(0, 16));

    private async Task<KnownKey?> Read(byte[] hash, CancellationToken ct)
    {
        KnownKey? key = null;
        await database.Reading($"select id, user_id, scopes, expires_at, last_used_at from accounts.api_keys where hash = {hash}", async row =>
        {
            if (await row.ReadAsync(CancellationToken.None))
                key = new(
                    row.GetGuid(0), row.GetGuid(1), hash, row.GetFieldValue<string[]>(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3),
                    row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
        }, ct);
        return key;
    }
}
