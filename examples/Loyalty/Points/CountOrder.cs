using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Gives the points of an order that is delivered and paid, and takes them back when its money has gone back.</summary>
internal sealed class CountOrder(Db db, IOrdering ordering, IAccounts accounts, IOptions<LoyaltySettings> settings, TimeProvider clock) : IHandle<OrderStatusChanged>, IHandle<OrderPaymentChanged>
{
    public const string StatusKind = "loyalty.count-order";
    public const string PaymentKind = "loyalty.count-payment";

    public Task Handle(OrderStatusChanged message, CancellationToken ct) => Count(message.OrderId, ct);

    public Task Handle(OrderPaymentChanged message, CancellationToken ct) => Count(message.OrderId, ct);

    /// <summary>Facts may come late and in any order, so what they say is not believed: how the order stands now is asked, and that by one at a time.</summary>
    private async Task Count(Guid orderId, CancellationToken ct)
    {
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended({string.Concat("loyalty order ", orderId.ToString())}, 0))", ct);
        if (await ordering.Find(orderId, ct) is not { IsGuest: false } order)
            return;
        if (order is { Status: "delivered", PaymentStatus: "paid" or "partially_refunded" })
            await Give(order, ct);
        else if (order.PaymentStatus == "refunded" || order.Status == "cancelled")
            await TakeBack(order, ct);
    }

    private async Task Give(OrderStanding order, CancellationToken ct)
    {
        var points = order.Total.Amount / (long)Math.Pow(10, Currencies.DecimalsOf(order.Total.Currency)) * settings.Value.PointsPerUnit;
        // Money may move after somebody is gone, and nothing of theirs comes back with it.
        if (points > 0 && await accounts.Payees([order.CustomerId], ct) is { Count: 1 })
            await Enter(Sql.Of($"select {order.CustomerId}::uuid, {EntryKind.Earned}, {order.Id}::uuid, {points}::bigint"), ct);
    }

    /// <summary>What of an order's points has expired is gone already; what is there, or was used, goes.</summary>
    private async Task TakeBack(OrderStanding order, CancellationToken ct)
    {
        // Who lets points expire waits for this row, and is counted in the statement after it.
        await db.Execute($"select from loyalty.accounts where person_id = {order.CustomerId} for update", ct);
        await Enter(Sql.Of(
            $"""
            with credits as (
                -- What they were given less what was taken back of it, on a line, the oldest first.
                select e.order_id, e.points + coalesce(back.points, 0) as points, sum(e.points + coalesce(back.points, 0)) over (order by e.created_at, e.id) as upto
                from loyalty.entries e left join loyalty.entries back on back.order_id = e.order_id and back.kind = 'taken_back'
                where e.person_id = {order.CustomerId} and e.points > 0
            ), debits as (
                -- What was used or has expired, on the same line.
                select e.kind, -e.points as points, sum(-e.points) over (order by e.created_at, e.id) as upto
                from loyalty.entries e where e.person_id = {order.CustomerId} and e.points < 0 and e.kind <> 'taken_back'
            )
            select {order.CustomerId}::uuid, {EntryKind.TakenBack}, c.order_id, expired.points - c.points
            from credits c cross join lateral (
                select coalesce(sum(greatest(least(d.upto, c.upto) - greatest(d.upto - d.points, c.upto - c.points), 0)), 0)::bigint as points from debits d where d.kind = 'expired') expired
            where c.order_id = {order.Id} and c.points > expired.points
            """), ct);
    }

    /// <summary>The entry and what it comes to in one statement. One that is there already changes nothing.</summary>
    private async Task Enter(Sql entry, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.Execute(
            $"""
            with entered as (
                insert into loyalty.entries (id, person_id, kind, order_id, points, created_at)
                select {Guid.CreateVersion7()}, entry.*, {now} from ({entry}) entry (person_id, kind, order_id, points)
                on conflict (order_id, kind) do nothing
                returning person_id, points)
            insert into loyalty.accounts as account (person_id, points, updated_at) select person_id, points, {now} from entered
            on conflict (person_id) do update set points = account.points + excluded.points, updated_at = excluded.updated_at
            """, ct);
    }
}
