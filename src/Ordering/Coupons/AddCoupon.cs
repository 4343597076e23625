using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Adds a coupon: a percentage of the goods or an amount, with a window, a minimum, and limits in all and for each customer.</summary>
[Refuses("coupon_code_taken")]
internal static class AddCoupon
{
    /// <param name="Code">What customers type, in any case.</param>
    /// <param name="Percent">Percent of the goods; this or <paramref name="Amount"/>.</param>
    /// <param name="Amount">What comes off, in the store's currency.</param>
    /// <param name="Description">What it is for, in the shop's own words.</param>
    /// <param name="MinimumOrder">What the goods must come to.</param>
    /// <param name="FirstOrderOnly">Whether only a customer's first order may have it.</param>
    /// <param name="StartsAt">From when on.</param>
    /// <param name="EndsAt">Until when, that instant not included.</param>
    /// <param name="MaxUses">How often it may be used in all.</param>
    /// <param name="MaxUsesPerCustomer">How often each customer may use it.</param>
    /// <param name="IsActive">Whether it may be used at all.</param>
    internal sealed record Request(
        [Required, CouponCode] string Code,
        [Range(1, 100)] int? Percent = null,
        Money? Amount = null,
        [StringLength(200, MinimumLength = 1)] string? Description = null,
        Money? MinimumOrder = null,
        bool FirstOrderOnly = false,
        DateTimeOffset? StartsAt = null,
        DateTimeOffset? EndsAt = null,
        [Range(1, 1_000_000_000)] int? MaxUses = null,
        [Range(1, 1_000_000_000)] int? MaxUsesPerCustomer = null,
        bool IsActive = true);

    public static async Task<Created<Coupon>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var coupon = new Coupon
        {
            Id = Guid.CreateVersion7(now),
            Code = Coupon.Kept(request.Code),
            Description = request.Description,
            Percent = request.Percent,
            Amount = request.Amount,
            MinimumOrder = request.MinimumOrder,
            FirstOrderOnly = request.FirstOrderOnly,
            StartsAt = request.StartsAt?.ToUniversalTime(),
            EndsAt = request.EndsAt?.ToUniversalTime(),
            MaxUses = request.MaxUses,
            MaxUsesPerCustomer = request.MaxUsesPerCustomer,
            IsActive = request.IsActive,
            Uses = 0,
            CreatedAt = now,
            UpdatedAt = now,
        };
        WrittenCoupon.RequireSense(coupon);
        var currency = await WrittenCoupon.CurrencyOf(coupon, db, ct);
        var added = await db.ReadFirst(
            $"""
            insert into ordering.coupons (id, code, description, percent, amount, currency, minimum_order, first_order_only, starts_at, ends_at, max_uses, max_uses_per_customer, is_active, uses, created_at, updated_at)
            values (
                {coupon.Id}, {coupon.Code}, {coupon.Description}, {coupon.Percent}, {coupon.Amount?.Amount}, {currency}, {coupon.MinimumOrder?.Amount}, {coupon.FirstOrderOnly}, {coupon.StartsAt}, {coupon.EndsAt},
                {coupon.MaxUses}, {coupon.MaxUsesPerCustomer}, {coupon.IsActive}, 0, {now}, {now})
            on conflict (code) do nothing
            returning {Coupon.Columns}
            """, Coupon.Read, ct);
        return added is null
            ? throw new RefusedException("coupon_code_taken", "There is a coupon with this code.")
            : TypedResults.Created($"/api/v1/coupons/{added.Id}", added);
    }
}
