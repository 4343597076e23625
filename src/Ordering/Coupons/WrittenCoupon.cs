using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>The rules over several members of a coupon, for adding and for changing one.</summary>
internal static class WrittenCoupon
{
    /// <exception cref="InvalidException">Neither a percentage nor an amount, or both; two currencies; an end before the beginning; fewer uses than there are.</exception>
    public static void RequireSense(Coupon coupon)
    {
        if (coupon.Percent is null == coupon.Amount is null)
            throw new InvalidException("percent", "or amount must be given, and not both.");
        if (coupon.Amount is { Amount: 0 })
            throw new InvalidException("amount.amount", "must be above 0.");
        if (coupon.Amount is { } amount && coupon.MinimumOrder is { } minimum && amount.Currency != minimum.Currency)
            throw new InvalidException("minimumOrder.currency", "must be the amount's own.");
        if (coupon.EndsAt <= coupon.StartsAt)
            throw new InvalidException("endsAt", "must be after startsAt.");
        if (coupon.MaxUses < coupon.Uses)
            throw new InvalidException("maxUses", $"must not be below the {coupon.Uses} uses there are.");
    }

    /// <summary>The currency it counts in: its own amounts', or else the store's.</summary>
    public static async Task<string> CurrencyOf(Coupon coupon, Db db, CancellationToken ct) => (coupon.Amount ?? coupon.MinimumOrder)?.Currency
        ?? (await db.ReadFirst($"select currency from ordering.stores where id = 1", row => row.GetString(0), ct))!;
}
