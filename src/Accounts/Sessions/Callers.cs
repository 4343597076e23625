using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// Whether those with an open connection may keep it. Signing out ends only the sign-in's own connections; a deactivation, a changed role and
/// signing out everywhere raise the user's version, which ends all of before. A key's go with the key.
/// </summary>
internal sealed class Callers(Db db) : ICallers
{
    public async Task<bool[]> MayGoOn(IReadOnlyList<Caller> callers, CancellationToken ct)
    {
        var (users, sessions, versions) = (callers.Select(caller => caller.Id).ToArray(), callers.Select(caller => caller.SessionId).ToArray(), callers.Select(caller => caller.Version).ToArray());
        var byKey = callers.Select(caller => caller.IsByKey).ToArray();
        // A guest has no row that could be gone: their token is good for ever.
        var may = callers.Select(caller => caller.IsGuest).ToArray();
        foreach (var place in await db.Read(
            $"""
            select c.place
            from unnest({users}, {sessions}, {versions}, {byKey}) with ordinality as c (user_id, session_id, version, by_key, place)
            join accounts.users u on u.id = c.user_id and u.is_active and u.version <= coalesce(c.version, u.version)
            left join accounts.sessions s on s.id = c.session_id
            left join accounts.api_keys k on k.id = c.session_id
            where case when c.by_key then k.id is not null else s.revoked_at is null end
            """, row => row.GetInt64(0), ct))
            may[place - 1] = true;
        return may;
    }
}
