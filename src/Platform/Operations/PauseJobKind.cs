using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Pauses a kind of job: from their next claim on, no process takes one. What runs goes on, and what comes in waits. Again, it changes nothing.</summary>
internal static class PauseJobKind
{
    public static async Task<Results<Ok<JobKind>, NotFound>> Handle(string kind, JobDesk desk, CancellationToken ct) =>
        await desk.Pause(kind, ct) is { } paused ? TypedResults.Ok(paused) : TypedResults.NotFound();
}
