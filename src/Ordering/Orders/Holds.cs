using Quitanda.Catalog;
using Quitanda.Ordering.Coupons;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// What an order holds that others want too: stock, a use of its coupon and a place in its slot. It is let go when the order ends, and taken again when a late payment brings it back.
/// Everybody takes in one order: the order itself, products, their options, the coupon, the slot.
/// </summary>
internal sealed class Holds(Db db, ICatalog catalog, Slots slots)
{
    /// <summary>Lets go of everything that orders hold, which the caller has locked and ended.</summary>
    public async Task Return(IReadOnlyCollection<Order> orders, CancellationToken ct)
    {
        await catalog.ReturnStock([.. orders.SelectMany(order => order.Items).Select(item => item.Held)], ct);
        foreach (var order in orders.Where(order => order.CouponId is not null).OrderBy(order => order.CouponId))
            await CouponUses.Return(db, order.CouponId!.Value, order.Id, order.CustomerId, ct);
        foreach (var order in orders.Where(order => order.SlotAt is not null).OrderBy(order => order.Fulfillment).ThenBy(order => order.SlotAt))
            slots.Return(order.Fulfillment, order.SlotAt!.Value);
    }

    /// <summary>
    /// Takes everything again for an order that had lapsed, and says what it is promised for now; null where some of it is gone, or the store does not hand over at its time any more. Then nothing is taken.
    /// </summary>
    public async Task<Promise?> Retake(Order order, DateTimeOffset now, CancellationToken ct)
    {
        Terms.Hold(db);
        var terms = await Terms.Read(db, ct);
        if (order.ScheduledFor is { } wanted && wanted > now.AddDays(terms.DaysAhead))
            return null;
        var (promise, _) = terms.JudgeTime(order.Fulfillment, order.ScheduledFor, now);
        if (promise is null)
            return null;
        IReadOnlyList<TakenLine> taken;
        try
        {
            taken = await catalog.TakeStock([.. order.Items.Select(item => item.Wanted)], ct);
        }
        catch (RefusedException refused) when (refused.Code is "out_of_stock" or "unknown_product" or "invalid_options")
        {
            return null;
        }

        if (order.CouponId is not { } coupon || await CouponUses.Retake(db, coupon, order.Id, order.CustomerId, ct))
        {
            if (await slots.Keep(terms, order.Fulfillment, promise, ct) is { } kept)
            {
                foreach (var (item, line) in order.Items.Zip(taken))
                    item.Retake(line);
                return kept;
            }

            if (order.CouponId is { } again)
                await CouponUses.Return(db, again, order.Id, order.CustomerId, ct);
        }

        await catalog.ReturnStock([.. taken.Select(line => line.Held)], ct);
        return null;
    }
}
