using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>Shows one report of a post or a comment.</summary>
internal static class ShowContentReport
{
    public static async Task<Results<Ok<Report>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {Report.Columns} from content.reports r where r.id = {id}", Report.Read, ct) is { } report ? TypedResults.Ok(report) : TypedResults.NotFound();
}
