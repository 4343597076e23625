using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Lists the imports of the last 30 days, the newest first. What is wrong with a file is told by the import itself.</summary>
internal static class ListImports
{
    private static readonly SortField[] Sorts = [new("-createdAt", "i.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<ListedImport>>> Handle([AsParameters] Query query, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, ListedImport.Columns, Sql.Raw("catalog.imports i"), Sql.Raw("true"), "i.id", Sorts, ListedImport.Read, ct, hasOnePlan: true));
}
