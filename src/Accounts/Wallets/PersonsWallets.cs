using System.Runtime.CompilerServices;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Wallets;

/// <summary>The wallets that somebody signs in with. They go with the account.</summary>
internal sealed class PersonsWallets : IPersonalData, IKeepsAccounts, IWayIn
{
    public string Name => "wallets";

    public string? Stays => null;

    public IReadOnlyList<string> Tables => ["wallets"];

    private sealed record Held(string Address, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var held in await db.Read(
            $"select address, created_at, last_used_at from accounts.wallets where user_id = {personId} order by created_at, address",
            row => new Held(
                new WalletAddress(row.GetFieldValue<byte[]>(0)).ToString(), row.GetFieldValue<DateTimeOffset>(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2)), ct))
            yield return held;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Whoever signs in with a wallet needs no address that is proved.</summary>
    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => db.ReadFirst($"select 1 from accounts.wallets where user_id = {userId} limit 1", _ => true, ct);

    public Task Close(Db db, Guid userId, CancellationToken ct) => db.Execute($"delete from accounts.wallets where user_id = {userId}", ct);
}
