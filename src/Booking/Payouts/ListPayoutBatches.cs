using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Lists what was paid out together, the newest first.</summary>
internal static class ListPayoutBatches
{
    private static readonly SortField[] Sorts = [new("-createdAt", "b.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<PayoutBatchSummary>>> Handle([AsParameters] Query query, Db db, CancellationToken ct) => TypedResults.Ok(
        await db.List(query, PayoutBatchSummary.Columns, PayoutBatchSummary.From, Sql.Raw("true"), "b.id", Sorts, PayoutBatchSummary.Read, ct, hasOnePlan: true, counting: Sql.Raw("booking.payout_batches")));
}
