using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Lists what the caller said, the newest first: what waits and what is hidden, too.</summary>
internal static class ListMyComments
{
    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<Comment>>> Handle([AsParameters] Query query, Caller caller, Db db, Authors authors, CancellationToken ct)
    {
        var page = await db.List(query, Comment.Columns, Sql.Raw("content.comments c"), $"c.author_id = {caller.Id} and c.state <> 'deleted'", "c.id", ListComments.Sorts, Comment.Read, ct);
        return TypedResults.Ok(new Page<Comment>(await Comment.Sign(page.Data, authors, ct), page.Meta));
    }
}
