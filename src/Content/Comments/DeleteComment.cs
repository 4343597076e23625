using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Takes back what one said; moderators take back anybody's. While others answer it, its place stays, without its words and its author.</summary>
internal static class DeleteComment
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        var who = caller.Is(Roles.Moderator) ? Sql.Raw("true") : Sql.Of($"c.author_id = {caller.Id}");
        (Guid PostId, bool WasShown)? gone = null;
        await db.ReadFirst(
            $"""
            with found as (
                select c.id, c.state, c.post_id from content.comments c where c.id = {id} and c.state <> 'deleted' and {who} for no key update
            ), counted as (
                update content.posts p set comment_count = p.comment_count - 1 from found where p.id = found.post_id and found.state = 'shown'
            ), emptied as (
                update content.comments c set state = 'deleted', content = null, html = null, hidden_reason = null from found where c.id = found.id
            )
            select found.post_id, found.state = 'shown' from found
            """,
            row =>
            {
                gone = (row.GetGuid(0), row.GetBoolean(1));
                return true;
            }, ct);
        if (gone is not { } left)
            return TypedResults.NotFound();
        // A hidden one with answers is shown as a place, and reads otherwise now.
        Comment.Evict(db, left.PostId);
        return TypedResults.NoContent();
    }
}
