using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Makes a dead or waiting job due now, with all its attempts before it. One that runs is left alone.</summary>
[Refuses("invalid_transition")]
internal static class RetryJob
{
    public static async Task<Results<Ok<JobDetails>, NotFound>> Handle(Guid id, JobDesk desk, CancellationToken ct) =>
        await desk.Retry(id, ct) is { } job ? TypedResults.Ok(job) : TypedResults.NotFound();
}
