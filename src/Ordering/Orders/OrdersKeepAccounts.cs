using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Whoever has ordered keeps their account, however the order ended: it is how they find it again.</summary>
internal sealed class OrdersKeepAccounts : IKeepsAccounts
{
    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => db.ReadFirst($"select 1 from ordering.orders where customer_id = {userId} limit 1", _ => true, ct);
}
