using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Deletes a coupon and what was counted of it. Orders that have it keep its code and what it took off.</summary>
internal static class DeleteCoupon
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.Execute($"delete from ordering.coupons where id = {id}", ct) == 0 ? TypedResults.NotFound() : TypedResults.NoContent();
}
