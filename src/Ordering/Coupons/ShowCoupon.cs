using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Shows one coupon with its uses, for staff.</summary>
internal static class ShowCoupon
{
    public static async Task<Results<Ok<Coupon>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {Coupon.Columns} from ordering.coupons where id = {id}", Coupon.Read, ct) is { } coupon ? TypedResults.Ok(coupon) : TypedResults.NotFound();
}
