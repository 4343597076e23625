using System.Runtime.CompilerServices;
using Quitanda.Payments;
using Quitanda.Platform;
using Quitanda.Platform.AuditLog;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// Somebody's orders. What was sold stays, with its amounts; where it went, and what anybody said about it, does not. An order that waits for a payment is called
/// off; one that is under way keeps its customer until it is done.
/// </summary>
internal sealed class PersonsOrders(Holds holds, IPayments payments, TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "orders";

    public string Stays => "Orders stay for the books with what was bought, what it cost and when, without contact, address, notes, tracking code and what anybody gave as a reason.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var orders = await Read(db, personId, last, ct);
            foreach (var order in orders)
                yield return order;
            if (orders.Count < AtOnce)
                yield break;
            last = orders[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // By id, like everybody who locks more than one; and all of them before any stock.
        var open = await db.Read(
            $"select id from ordering.orders where customer_id = {personId} and status not in ('delivered', 'cancelled') order by id for no key update", row => row.GetGuid(0), ct);
        if (open.Count > 0)
            await Abandon(db, open, ct);

        await Forget(db, Sql.Of($"o.customer_id = {personId}"), ct);
    }

    /// <summary>Parts orders of <c>ordering.orders o</c> from whoever ordered them: what was sold, and for how much, stays.</summary>
    public static async Task Forget(Db db, Sql which, CancellationToken ct)
    {
        await db.Execute(
            $"""
            update ordering.orders o set
                address = o.address || {Sql.Json(Nowhere)}, contact = null, notes = null, metadata = {Sql.Json(Nothing)}, tracking_code = null, is_forgotten = true,
                cancel_reason = case when o.cancel_reason = {Order.Lapsed} then o.cancel_reason end
            where {which} and (not o.is_forgotten or o.address ->> 'street' <> {AuditTrail.Erased} or o.address ->> 'lat' is not null or o.contact is not null or o.notes is not null
                or o.metadata <> {Sql.Json(Nothing)} or o.tracking_code is not null or o.cancel_reason <> {Order.Lapsed})
            """, ct);
        await db.Execute($"update ordering.order_items i set notes = null from ordering.orders o where {which} and i.order_id = o.id and i.notes is not null", ct);
        // What people wrote; the house's own reasons name nobody, and last year's report still says why orders ended.
        await db.Execute($"update ordering.order_events e set reason = null from ordering.orders o where {which} and e.order_id = o.id and e.reason is not null and e.made_by <> {Actor.System}", ct);
    }

    /// <summary>What stands in place of an address; its country stays.</summary>
    private static readonly object Nowhere = new
    {
        Street = AuditTrail.Erased,
        Number = AuditTrail.Erased,
        Complement = (string?)null,
        Neighborhood = AuditTrail.Erased,
        City = AuditTrail.Erased,
        State = AuditTrail.Erased,
        PostalCode = AuditTrail.Erased,
        Lat = (double?)null,
        Lng = (double?)null,
    };

    private static readonly object Nothing = new();

    /// <summary>Calls off what waits for its payment.</summary>
    /// <exception cref="RefusedException"><c>open_orders</c> (409), whose facts name those that are under way.</exception>
    private async Task Abandon(Db db, List<Guid> open, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        List<Order> abandoned = [];
        foreach (var id in open)
            abandoned.Add((await Order.Lock(db, id, customerId: null, ct))!);

        // All are looked at before one is changed: where the refusal is passed over, what was changed would be written.
        Guid[] underWay = [.. abandoned.Where(order => !order.MayBeAbandoned).Select(order => order.Id)];
        if (underWay.Length > 0)
            throw new RefusedException("open_orders", "Orders are under way; wait until they are done, or cancel them.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["orderIds"] = underWay },
            };

        foreach (var order in abandoned)
            order.Abandon(now);
        await holds.Return(abandoned, ct);
        foreach (var order in abandoned)
        {
            await payments.CancelOrRefund(PayableOrder.OrderKind, order.Id, "cancelled", ct);
            db.Publish(order.Changed);
        }

        await db.Flush(ct);
    }

    private static async Task<List<OrderDetails>> Read(Db db, Guid customerId, Guid after, CancellationToken ct)
    {
        List<OrderSummary> orders = [];
        Dictionary<Guid, List<OrderDetails.Step>> timelines = [];
        Sql batch = $"select id from ordering.orders where customer_id = {customerId} and id > {after} order by id limit {AtOnce}";
        await db.Reading(
            [
                $"select {OrderSummary.Columns} from ordering.orders o where o.id in ({batch}) order by o.id",
                $"select i.order_id, {OrderSummary.Item.Columns} from ordering.order_items i where i.order_id in ({batch}) order by i.order_id, i.position",
                $"select order_id, {OrderDetails.Step.Columns} from ordering.order_events where order_id in ({batch}) order by order_id, position",
            ],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                    orders.Add(OrderSummary.Read(reader));
                var byId = orders.ToDictionary(order => order.Id);
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    // An order that was placed since the first statement is not in what it found.
                    if (byId.TryGetValue(reader.GetGuid(0), out var order))
                        order.Items.Add(OrderSummary.Item.Read(reader, 1, order.Total.Currency));
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    if (!timelines.TryGetValue(reader.GetGuid(0), out var timeline))
                        timelines[reader.GetGuid(0)] = timeline = [];
                    timeline.Add(OrderDetails.Step.Read(reader, 1, forStaff: false));
                }
            }, ct);
        return [.. orders.Select(order => OrderDetails.Of(order, timelines.GetValueOrDefault(order.Id, [])))];
    }
}
