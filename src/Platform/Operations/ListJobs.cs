using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Lists jobs for admins, the newest first: what waits, runs, failed for good. Payloads are shown one job at a time.</summary>
internal static class ListJobs
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only jobs that stand so.</summary>
        [AllowedValues(null, "ready", "waiting", "running", "paused", "dead")]
        public string? State { get; init; }

        /// <summary>Only jobs of this kind.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Kind { get; init; }
    }

    public static async Task<Ok<Page<JobRow>>> Handle([AsParameters] Query query, JobDesk desk, CancellationToken ct) => TypedResults.Ok(await desk.List(query, ct));
}
