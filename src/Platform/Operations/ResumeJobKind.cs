using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Ends the pause of a kind of job; what waited is done at once. A timer that was paused ticks once for all the time it stood. Again, it changes nothing.</summary>
internal static class ResumeJobKind
{
    public static async Task<Results<Ok<JobKind>, NotFound>> Handle(string kind, JobDesk desk, CancellationToken ct) =>
        await desk.Resume(kind, ct) is { } resumed ? TypedResults.Ok(resumed) : TypedResults.NotFound();
}
