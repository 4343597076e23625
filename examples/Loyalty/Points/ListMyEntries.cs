using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Lists how the caller came by their points and where they went, the newest first.</summary>
internal static class ListMyEntries
{
    private static readonly SortField[] Sorts = [new("-createdAt", "e.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<Entry>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, Entry.Columns, Sql.Raw("loyalty.entries e"), Sql.Of($"e.person_id = {caller.Id}"), "e.id", Sorts, Entry.Read, ct));
}
