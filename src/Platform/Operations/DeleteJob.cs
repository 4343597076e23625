using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Deletes a job, which is then not done. One that runs is left alone; a timer goes on with its next tick.</summary>
[Refuses("invalid_transition")]
internal static class DeleteJob
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, JobDesk desk, CancellationToken ct) =>
        await desk.Delete(id, ct) ? TypedResults.NoContent() : TypedResults.NotFound();
}
