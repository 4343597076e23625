using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>Shows the newest report of drift, or the newest of a day: where providers, payments, orders and the ledger differ, and what to do about it.</summary>
[Refuses("not_found", 404)]
internal static class ShowDriftReport
{
    internal sealed record Query
    {
        /// <summary>The day on which the report was begun, in UTC: <c>2026-03-04</c>.</summary>
        public DateOnly? Day { get; init; }
    }

    public static async Task<Results<Ok<DriftReport>, NotFound>> Handle([AsParameters] Query query, Db db, CancellationToken ct) =>
        await DriftReport.Read(db, query.Day, ct) is { } report ? TypedResults.Ok(report) : TypedResults.NotFound();
}
