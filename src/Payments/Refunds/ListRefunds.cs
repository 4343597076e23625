using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Lists what has gone back of a payment and what is on its way, the first first: to the payer and to staff.</summary>
internal static class ListRefunds
{
    private static readonly SortField[] Sorts = [new("createdAt", "r.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Results<Ok<Page<RefundDetails>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var currency = await db.Set<Payment>().AsNoTracking().Where(payment => payment.Id == id && (any || payment.PayerId == caller.Id)).Select(payment => payment.Currency).SingleOrDefaultAsync(ct);
        if (currency is null)
            return TypedResults.NotFound();
        return TypedResults.Ok(await db.List(query, $"id, payment_id, status, origin, amount, reason, failure_code, created_at, updated_at", $"payments.refunds r", $"payment_id = {id}", "r.id", Sorts,
            row => new RefundDetails(row.GetGuid(0), row.GetGuid(1), Wire.Parse<RefundStatus>(row.GetString(2)), Wire.Parse<RefundOrigin>(row.GetString(3)), new(row.GetInt64(4), currency),
                row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.GetFieldValue<DateTimeOffset>(7), row.GetFieldValue<DateTimeOffset>(8)), ct));
    }
}
