using Microsoft.Extensions.Options;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Gives the points of an order that is delivered and paid, and takes them back when its money has gone back.</summary>
internal sealed class CountOrder(Db db, IOrdering ordering, IOptions<LoyaltySettings> settings, TimeProvider clock) : IHandle<OrderStatusChanged>, IHandle<OrderPaymentChanged>
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

    private Task Give(OrderStanding order, CancellationToken ct)
    {
        var points = order.Total.Amount / (long)Math.Pow(10, Currencies.DecimalsOf(order.Total.Currency)) * settings.Value.PointsPerUnit;
        return points == 0 ? Task.CompletedTask : Enter(Sql.Of($"select {order.CustomerId}::uuid, {EntryKind.Earned}, {order.Id}::uuid, {points}::bigint"), ct);
    }

    private Task TakeBack(OrderStanding order, CancellationToken ct) =>
        Enter(Sql.Of($"select e.person_id, {EntryKind.TakenBack}, e.order_id, -e.points from loyalty.entries e where e.order_id = {order.Id} and e.kind = {EntryKind.Earned}"), ct);

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
