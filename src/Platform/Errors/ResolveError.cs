using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Errors;

/// <summary>Marks an error as dealt with. If it comes again, it is open again. One that is resolved already stays as it is.</summary>
internal static class ResolveError
{
    public static async Task<Results<Ok<RecordedError>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct) =>
        await db.ReadFirst($"update platform.errors set resolved_at = coalesce(resolved_at, {clock.GetUtcNow()}) where id = {id} returning {RecordedError.Columns}", RecordedError.Read, ct) is { } error
            ? TypedResults.Ok(error) : TypedResults.NotFound();
}
