using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Revisions;

/// <summary>Lists the texts that a post had before the present one, the latest first. For its author and moderators.</summary>
internal static class ListRevisions
{
    private static readonly SortField[] Sorts = [new("-number", "r.number", "integer")];

    internal sealed record Query : PageQuery;

    public static async Task<Results<Ok<Page<ListedRevision>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, Authors authors, CancellationToken ct)
    {
        if (!await db.ReadFirst($"select true from content.posts p where p.id = {id} and {Post.IsOf(caller)}", row => row.GetBoolean(0), ct))
            return TypedResults.NotFound();
        var page = await db.List(
            query, Sql.Raw("r.number, r.title, r.written_at, r.written_by, r.id"), Sql.Raw("content.revisions r"), $"r.post_id = {id}", "r.id", Sorts,
            row => new ListedRevision(row.GetGuid(4), row.GetInt32(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.IsDBNull(3) ? null : row.GetGuid(3), null), ct, hasOnePlan: true);
        var names = await authors.Names(page.Data.Select(revision => revision.WrittenBy), ct);
        return TypedResults.Ok(new Page<ListedRevision>([.. page.Data.Select(revision => revision with { Writer = names.GetValueOrDefault(revision.WrittenBy ?? Guid.Empty) })], page.Meta));
    }
}
