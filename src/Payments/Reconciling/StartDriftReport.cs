using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>Begins a report of drift now, beside the daily one. Where one goes on already, it is that one.</summary>
internal static class StartDriftReport
{
    public static async Task<Accepted<DriftReport>> Handle(Db db, Drift drift, TimeProvider clock, CancellationToken ct)
    {
        await drift.Start(clock.GetUtcNow(), ct);
        return TypedResults.Accepted("/api/v1/reports/drift", (await DriftReport.Read(db, day: null, ct))!);
    }
}
