using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Shows a job to admins, with its payload and its whole last error. A job that was done is not there any more.</summary>
internal static class ShowJob
{
    public static async Task<Results<Ok<JobDetails>, NotFound>> Handle(Guid id, JobDesk desk, CancellationToken ct) =>
        await desk.Find(id, ct) is { } job ? TypedResults.Ok(job) : TypedResults.NotFound();
}
