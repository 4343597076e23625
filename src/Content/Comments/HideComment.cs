using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Hides a comment: its author and moderators alone see it, and it counts no more. While others answer it, its place stays. Hiding it again gives it another reason.</summary>
internal static class HideComment
{
    /// <param name="Reason">Why, for its author to read.</param>
    internal sealed record Request([StringLength(500, MinimumLength = 1)] string? Reason = null);

    public static async Task<Results<Ok<Comment>, NotFound>> Handle(Guid id, Request? request, Db db, Authors authors, CancellationToken ct)
    {
        var was = CommentState.Hidden;
        var comment = await db.ReadFirst(
            $"""
            with found as (
                select c.id, c.state, c.post_id from content.comments c where c.id = {id} and c.state <> 'deleted' for no key update
            ), counted as (
                update content.posts p set comment_count = p.comment_count - 1 from found where p.id = found.post_id and found.state = 'shown'
            )
            update content.comments c set state = 'hidden', hidden_reason = {request?.Reason} from found where c.id = found.id
            returning {Comment.Columns}, found.state
            """,
            row =>
            {
                was = Wire.Parse<CommentState>(row.GetString(Comment.ColumnCount));
                return Comment.Read(row);
            }, ct);
        if (comment is null)
            return TypedResults.NotFound();
        if (was == CommentState.Shown)
            Comment.Evict(db, comment.PostId);
        if (was != CommentState.Hidden)
            db.Publish(new CommentHidden(comment.Id, comment.PostId, comment.AuthorId));
        return TypedResults.Ok(await Comment.Sign(comment, authors, ct));
    }
}
