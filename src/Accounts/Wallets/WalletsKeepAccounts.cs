using Quitanda.Platform;

namespace Quitanda.Accounts.Wallets;

/// <summary>Who has a wallet has another way to sign in than an address that was never proved.</summary>
internal sealed class WalletsKeepAccounts : IKeepsAccounts
{
    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => db.ReadFirst($"select 1 from accounts.wallets where user_id = {userId} limit 1", _ => true, ct);
}
