using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Errors;

/// <summary>Shows an admin one kind of error, and the stack it last had.</summary>
internal static class ShowError
{
    public static async Task<Results<Ok<RecordedError>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {RecordedError.Columns}, stack from platform.errors where id = {id}", row => RecordedError.Read(row) with { Stack = row.GetString(RecordedError.ColumnCount) }, ct) is { } error
            ? TypedResults.Ok(error) : TypedResults.NotFound();
}
