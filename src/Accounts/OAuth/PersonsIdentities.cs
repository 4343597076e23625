using System.Runtime.CompilerServices;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>As whom providers know a person. It goes with the account, keeps it from being removed for want of proof, and is closed to others once an address is proved.</summary>
internal sealed class PersonsIdentities : IPersonalData, IKeepsAccounts, IWayIn
{
    public string Name => "identities";

    public string? Stays => null;

    public IReadOnlyList<string> Tables => ["identities", "oauth_codes"];

    private sealed record Held(string Provider, string Issuer, string Subject, string? Email, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt);

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var held in await db.Read(
            $"select provider, issuer, subject, email, created_at, last_used_at from accounts.identities where user_id = {personId} order by created_at, issuer, subject",
            row => new Held(row.GetString(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5)), ct))
            yield return held;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => db.ReadFirst($"select 1 from accounts.identities where user_id = {userId} limit 1", _ => true, ct);

    public async Task Close(Db db, Guid userId, CancellationToken ct)
    {
        await db.Execute($"delete from accounts.identities where user_id = {userId}", ct);
        await db.Execute($"delete from accounts.oauth_codes where user_id = {userId}", ct);
    }
}
