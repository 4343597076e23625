using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Shows an order with its timeline: one's own, or any to staff.</summary>
internal static class ShowOrder
{
    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, Caller caller, FollowLinks links, Db db, CancellationToken ct)
    {
        var forStaff = caller.Is(Roles.Staff);
        return await Read(db, id, Sql.Of($"(o.customer_id = {caller.Id} or {forStaff})"), forStaff, ct) is { } order
            ? TypedResults.Ok(order with { FollowToken = links.TokenFor(caller, id) })
            : TypedResults.NotFound();
    }

    /// <summary>An order of <c>ordering.orders o</c> that is as <paramref name="which"/> says; null where it is not.</summary>
    public static async Task<OrderDetails?> Read(Db db, Guid id, Sql which, bool forStaff, CancellationToken ct)
    {
        OrderSummary? order = null;
        List<OrderDetails.Step> timeline = [];
        await db.Reading(
            [
                $"select {OrderSummary.Columns} from ordering.orders o where o.id = {id} and {which}",
                $"select {OrderSummary.Item.Columns} from ordering.order_items i where i.order_id = {id} order by i.position",
                $"select {OrderDetails.Step.Columns} from ordering.order_events where order_id = {id} order by position",
            ],
            async reader =>
            {
                if (!await reader.ReadAsync(CancellationToken.None))
                    return;
                order = OrderSummary.Read(reader);
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    order.Items.Add(OrderSummary.Item.Read(reader, 0, order.Total.Currency));
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    timeline.Add(OrderDetails.Step.Read(reader, 0, forStaff));
            }, ct);
        return order is null ? null : OrderDetails.Of(order, timeline);
    }
}
