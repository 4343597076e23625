using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>Lists the coupons with their uses, the newest first, for staff.</summary>
internal static class ListCoupons
{
    private static readonly SortField[] Sorts = [new("-createdAt", "created_at", "timestamptz"), new("code", "code", "text")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only those that may be used, or only those that may not: by their switch alone.</summary>
        public bool? Active { get; init; }

        /// <summary>Only the one with this code, in any case.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? Code { get; init; }
    }

    public static async Task<Ok<Page<Coupon>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        var where = Sql.Raw("true");
        if (query.Active is { } active)
            where = $"{where} and is_active = {active}";
        if (query.Code is { } code)
            where = $"{where} and code = {Coupon.Kept(code)}";
        return TypedResults.Ok(await db.List(query, Coupon.Columns, Sql.Raw("ordering.coupons"), where, "id", Sorts, Coupon.Read, ct));
    }
}
