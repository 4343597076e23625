using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>Lists what was reported, the oldest open report first; those that are done with <c>open=false</c>. Sorts by createdAt.</summary>
internal static class ListContentReports
{
    internal static readonly SortField[] Sorts = [new("createdAt", "r.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Whether those that nobody has resolved are listed, or those that somebody has.</summary>
        public bool? Open { get; init; }
    }

    public static async Task<Ok<Page<Report>>> Handle([AsParameters] Query query, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, Report.Columns, Sql.Raw("content.reports r"), Where(query), "r.id", Sorts, Report.Read, ct));

    internal static Sql Where(Query query) => Sql.Raw(query.Open == false ? "r.resolution is not null" : "r.resolution is null");
}
