using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Who uses a coupon, counted under the coupon's own row: never one use too many, in all or by one customer.</summary>
/// <remarks>Taken after stock and before slots, by everybody: so no two orders wait for each other.</remarks>
internal static class CouponUses
{
    /// <summary>Takes one use.</summary>
    /// <exception cref="RefusedException"><c>coupon_refused</c>, whose facts name the rule. Then nothing is taken, also for who catches it.</exception>
    public static async Task<Coupon> Take(Db db, string code, Guid orderId, Guid customerId, bool isGuest, long subtotal, string currency, DateTimeOffset now, CancellationToken ct)
    {
        var kept = Coupon.Kept(code);
        // The whole rule stands in the statement that counts: two orders for the last use wait for each other here, and the second one finds it gone.
        var taken = await db.ReadFirst(
            $"""
            update ordering.coupons set uses = uses + 1
            where code = {kept} and is_active and coalesce(starts_at <= {now}, true) and coalesce(ends_at > {now}, true) and (currency = {currency} or (amount is null and minimum_order is null))
                and coalesce(minimum_order <= {subtotal}, true) and coalesce(uses < max_uses, true) and not ({isGuest} and (first_order_only or max_uses_per_customer is not null))
            returning {Coupon.Columns}
            """, Coupon.Read, ct);
        if (taken is null)
            throw (await Explain(db, kept, subtotal, currency, isGuest, now, ct)).ToException();

        if (await WhyNotThisCustomer(db, taken, orderId, customerId, ct) is not { } refused)
            return taken;
        await db.Execute($"update ordering.coupons set uses = uses - 1 where id = {taken.Id}", ct);
        throw refused.ToException();
    }

    /// <summary>Takes a use again that was given back: only the limits count, since the order had it while it was valid. False where there is none left, or the coupon is gone.</summary>
    public static async Task<bool> Retake(Db db, Guid couponId, Guid orderId, Guid customerId, CancellationToken ct)
    {
        var coupon = await db.ReadFirst($"update ordering.coupons set uses = uses + 1 where id = {couponId} and coalesce(uses < max_uses, true) returning {Coupon.Columns}", Coupon.Read, ct);
        if (coupon is null)
            return false;
        if (await WhyNotThisCustomer(db, coupon, orderId, customerId, ct) is null)
            return true;
        await db.Execute($"update ordering.coupons set uses = uses - 1 where id = {couponId}", ct);
        return false;
    }

    /// <summary>Gives a use back, as when its order is cancelled.</summary>
    public static async Task Return(Db db, Guid couponId, Guid orderId, Guid customerId, CancellationToken ct)
    {
        await db.Execute($"update ordering.coupons set uses = greatest(uses - 1, 0) where id = {couponId}", ct);
        await db.Execute($"update ordering.coupon_uses set uses = uses - 1 where coupon_id = {couponId} and customer_id = {customerId} and uses > 0", ct);
        await db.Execute($"delete from ordering.first_orders where order_id = {orderId}", ct);
    }

    /// <summary>What stands against a coupon, or the coupon. Nothing is counted.</summary>
    public static async Task<(Coupon? Coupon, Refusal? Refusal)> Look(Db db, string code, Guid? customerId, long subtotal, string currency, DateTimeOffset now, CancellationToken ct)
    {
        var kept = Coupon.Kept(code);
        if (await Find(db, kept, ct) is not { } coupon)
            return (null, Unknown(kept));
        if (coupon.WhyNot(subtotal, currency, isGuest: customerId is null, now) is { } why)
            return (coupon, why);
        if (customerId is { } customer && coupon.NeedsAccount)
        {
            var (used, hasOrdered) = await db.ReadFirst(
                $"""
                select coalesce((select uses from ordering.coupon_uses where coupon_id = {coupon.Id} and customer_id = {customer}), 0),
                       exists (select from ordering.orders where customer_id = {customer} and status <> 'cancelled') or exists (select from ordering.first_orders where customer_id = {customer})
                """, row => (row.GetInt32(0), row.GetBoolean(1)), ct);
            if (coupon.FirstOrderOnly && hasOrdered)
                return (coupon, NotTheFirst(kept));
            if (used >= coupon.MaxUsesPerCustomer)
                return (coupon, UsedByCustomer(kept));
        }

        return (coupon, null);
    }

    private static async Task<Refusal?> WhyNotThisCustomer(Db db, Coupon coupon, Guid orderId, Guid customerId, CancellationToken ct)
    {
        if (coupon.FirstOrderOnly)
        {
            var isFirst = await db.ReadFirst(
                $"""
                insert into ordering.first_orders (customer_id, order_id)
                select {customerId}, {orderId} where not exists (select from ordering.orders where customer_id = {customerId} and status <> 'cancelled' and id <> {orderId})
                on conflict (customer_id) do nothing returning true
                """, row => row.GetBoolean(0), ct);
            if (!isFirst)
                return NotTheFirst(coupon.Code);
        }

        // Counted whether or not there is a limit, since it is given back so: staff may set one at any time, and then what was used before is known.
        var isCounted = await db.ReadFirst(
            $"""
            insert into ordering.coupon_uses as u (coupon_id, customer_id, uses) values ({coupon.Id}, {customerId}, 1)
            on conflict (coupon_id, customer_id) do update set uses = u.uses + 1 where coalesce(u.uses < {coupon.MaxUsesPerCustomer}, true) returning true
            """, row => row.GetBoolean(0), ct);
        if (isCounted)
            return null;
        await db.Execute($"delete from ordering.first_orders where order_id = {orderId}", ct);
        return UsedByCustomer(coupon.Code);
    }

    private static async Task<Refusal> Explain(Db db, string code, long subtotal, string currency, bool isGuest, DateTimeOffset now, CancellationToken ct)
    {
        if (await Find(db, code, ct) is not { } coupon)
            return Unknown(code);
        // Nothing is against it any more: somebody has given a use back since. To the one who asked it was gone.
        return coupon.WhyNot(subtotal, currency, isGuest, now) ?? Coupon.Refused(code, "used_up", "has been used as often as it may be.");
    }

    private static Task<Coupon?> Find(Db db, string code, CancellationToken ct) => db.ReadFirst($"select {Coupon.Columns} from ordering.coupons where code = {code}", Coupon.Read, ct);

    private static Refusal Unknown(string code) => Coupon.Refused(code, "unknown", "is none of the store's.");

    private static Refusal NotTheFirst(string code) => Coupon.Refused(code, "first_order_only", "is for a first order.");

    private static Refusal UsedByCustomer(string code) => Coupon.Refused(code, "used_by_customer", "is used up for you.");
}
