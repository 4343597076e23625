using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Where somebody is signed in, and was until lately. It goes with the account.</summary>
internal sealed class PersonsSessions : IPersonalData
{
    private const int AtOnce = 500;

    public string Name => "sessions";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var sessions = await db.Read(
                $"select {SignedInDevice.Columns(Guid.Empty)}, revoked_at from accounts.sessions where user_id = {personId} and id > {last} order by id limit {AtOnce}",
                row => (Session: SignedInDevice.Read(row), EndedAt: row.IsDBNull(8) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(8)), ct);
            foreach (var (session, endedAt) in sessions)
                yield return new { session.Id, session.Device, session.Ip, session.CreatedAt, session.LastSeenAt, session.ExpiresAt, EndedAt = endedAt };
            if (sessions.Count < AtOnce)
                yield break;
            last = sessions[^1].Session.Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;
}
