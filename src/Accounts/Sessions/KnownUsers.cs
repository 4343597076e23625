using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>What a process goes by when a user calls.</summary>
/// <param name="Roles">What they may do.</param>
/// <param name="IsActive">Whether they may do anything.</param>
/// <param name="Version">Access tokens of an older one are refused.</param>
/// <param name="Ended">Their sessions that ended so lately that access tokens of theirs may still be about; mostly none.</param>
internal sealed record KnownUser(Roles Roles, bool IsActive, long Version, Guid[] Ended)
{
    /// <summary>Whether an access token of this sign-in is still good.</summary>
    public bool MayCall(Guid sessionId, long? version) => IsActive && !(version < Version) && Array.IndexOf(Ended, sessionId) < 0;
}

/// <summary>Roles, status, version and ended sessions of the users who call, remembered for seconds and forgotten at a change.</summary>
internal sealed class KnownUsers(Database database, ResponseCache cache, IOptions<AccountSettings> settings, TimeProvider clock)
{
    private const string TagPrefix = "user:";

    /// <summary>More than the clocks of two processes may be apart.</summary>
    private const int ClocksApartSeconds = 60;

    private readonly Remembered<KnownUser> _remembered = new(TagPrefix, cache, settings, clock);

    /// <summary>What <see cref="Db.Evict"/> is told when a user changes, or one of their sessions ends.</summary>
    public static string Tag(Guid userId) => Remembered<KnownUser>.Tag(TagPrefix, userId);

    /// <summary>The user as remembered, or as just read; null where there is none.</summary>
    public ValueTask<KnownUser?> Find(Guid userId, CancellationToken ct) => _remembered.Find(userId, (KnownUsers: this, Id: userId), static (user, ct) => user.KnownUsers.Read(user.Id, ct), ct);

    private async Task<KnownUser?> Read(Guid userId, CancellationToken ct)
    {
        // What ended before has no access token left, whatever their lifetime was set to when they were given out.
        var since = clock.GetUtcNow() - TimeSpan.FromSeconds(AccountSettings.LongestAccessTokenSeconds + ClocksApartSeconds);
        KnownUser? known = null;
        await database.Reading(
            $"select roles, is_active, version, array(select s.id from accounts.sessions s where s.user_id = u.id and s.revoked_at > {since}) from accounts.users u where u.id = {userId}", async reader =>
            {
                if (await reader.ReadAsync(CancellationToken.None))
                    known = new((Roles)reader.GetInt32(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetFieldValue<Guid[]>(3));
            }, ct);
        return known;
    }
}
