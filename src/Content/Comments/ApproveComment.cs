using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Shows a comment that waited, or was hidden, to everybody. Approving what is shown changes nothing.</summary>
internal static class ApproveComment
{
    public static async Task<Results<Ok<Comment>, NotFound>> Handle(Guid id, Db db, Authors authors, TimeProvider clock, CancellationToken ct)
    {
        var (was, isNew) = (CommentState.Shown, false);
        (Guid? Post, Guid? Parent) toldTo = default;
        var comment = await db.ReadFirst(
            $"""
            with found as (
                select c.id, c.state, c.post_id, c.parent_id, c.posted_at from content.comments c where c.id = {id} and c.state <> 'deleted' for no key update
            ), counted as (
                update content.posts p set comment_count = p.comment_count + 1 from found where p.id = found.post_id and found.state <> 'shown'
            )
            update content.comments c set state = 'shown', hidden_reason = null, posted_at = coalesce(found.posted_at, {clock.GetUtcNow()}) from found where c.id = found.id
            returning {Comment.Columns}, found.state, found.posted_at is null,
                (select p.author_id from content.posts p where p.id = found.post_id), (select a.author_id from content.comments a where a.id = found.parent_id)
            """,
            row =>
            {
                (was, isNew) = (Wire.Parse<CommentState>(row.GetString(Comment.ColumnCount)), row.GetBoolean(Comment.ColumnCount + 1));
                toldTo = (row.IsDBNull(Comment.ColumnCount + 2) ? null : row.GetGuid(Comment.ColumnCount + 2), row.IsDBNull(Comment.ColumnCount + 3) ? null : row.GetGuid(Comment.ColumnCount + 3));
                return Comment.Read(row);
            }, ct);
        if (comment is null)
            return TypedResults.NotFound();
        if (was != CommentState.Shown)
            Comment.Evict(db, comment.PostId);
        if (isNew && comment.AuthorId is { } author)
            db.Publish(new CommentPosted(comment.Id, comment.PostId, author, toldTo.Post, toldTo.Parent));
        return TypedResults.Ok(await Comment.Sign(comment, authors, ct));
    }
}
