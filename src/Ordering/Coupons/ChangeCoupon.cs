using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Changes a coupon. What is not in the request stays; a null clears. Orders that have it keep what they were given.</summary>
internal static class ChangeCoupon
{
    /// <param name="Percent">Percent of the goods.</param>
    /// <param name="Amount">What comes off.</param>
    /// <param name="Description">What it is for.</param>
    /// <param name="MinimumOrder">What the goods must come to.</param>
    /// <param name="FirstOrderOnly">Whether only a customer's first order may have it.</param>
    /// <param name="StartsAt">From when on.</param>
    /// <param name="EndsAt">Until when, that instant not included.</param>
    /// <param name="MaxUses">How often it may be used in all: not below the uses there are.</param>
    /// <param name="MaxUsesPerCustomer">How often each customer may use it. What they used before counts, and orders that have it keep it.</param>
    /// <param name="IsActive">Whether it may be used at all.</param>
    internal sealed record Request(
        [Range(1, 100)] Patch<int?> Percent = default,
        Patch<Money?> Amount = default,
        [StringLength(200, MinimumLength = 1)] Patch<string?> Description = default,
        Patch<Money?> MinimumOrder = default,
        Patch<bool> FirstOrderOnly = default,
        Patch<DateTimeOffset?> StartsAt = default,
        Patch<DateTimeOffset?> EndsAt = default,
        [Range(1, 1_000_000_000)] Patch<int?> MaxUses = default,
        [Range(1, 1_000_000_000)] Patch<int?> MaxUsesPerCustomer = default,
        Patch<bool> IsActive = default);

    public static async Task<Results<Ok<Coupon>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.ReadFirst($"select {Coupon.Columns} from ordering.coupons where id = {id} for no key update", Coupon.Read, ct) is not { } coupon)
            return TypedResults.NotFound();

        coupon = coupon with
        {
            Percent = request.Percent.Or(coupon.Percent),
            Amount = request.Amount.Or(coupon.Amount),
            Description = request.Description.Or(coupon.Description),
            MinimumOrder = request.MinimumOrder.Or(coupon.MinimumOrder),
            FirstOrderOnly = request.FirstOrderOnly.Or(coupon.FirstOrderOnly),
            StartsAt = request.StartsAt.Or(coupon.StartsAt)?.ToUniversalTime(),
            EndsAt = request.EndsAt.Or(coupon.EndsAt)?.ToUniversalTime(),
            MaxUses = request.MaxUses.Or(coupon.MaxUses),
            MaxUsesPerCustomer = request.MaxUsesPerCustomer.Or(coupon.MaxUsesPerCustomer),
            IsActive = request.IsActive.Or(coupon.IsActive),
        };
        WrittenCoupon.RequireSense(coupon);
        var currency = await WrittenCoupon.CurrencyOf(coupon, db, ct);
        return TypedResults.Ok(await db.ReadFirst(
            $"""
            update ordering.coupons set
                percent = {coupon.Percent}, amount = {coupon.Amount?.Amount}, currency = {currency}, description = {coupon.Description}, minimum_order = {coupon.MinimumOrder?.Amount},
                first_order_only = {coupon.FirstOrderOnly}, starts_at = {coupon.StartsAt}, ends_at = {coupon.EndsAt}, max_uses = {coupon.MaxUses}, max_uses_per_customer = {coupon.MaxUsesPerCustomer},
                is_active = {coupon.IsActive}, updated_at = {clock.GetUtcNow()}
            where id = {id} returning {Coupon.Columns}
            """, Coupon.Read, ct));
    }
}
