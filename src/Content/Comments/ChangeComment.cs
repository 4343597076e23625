using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Content.Markup;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>
/// Changes what one said; it is marked as edited then. A hidden one stays hidden. Where comments wait for a moderator, a changed one waits again, unless a moderator writes it: else something else would be read than was looked at.
/// </summary>
internal static class ChangeComment
{
    /// <param name="Content">Markdown, without headings and images.</param>
    internal sealed record Request([StringLength(Comment.Longest, MinimumLength = 1)] Patch<string> Content = default) : IPrepared
    {
        internal (string Content, Rendered Rendered)? Text { get; private set; }

        Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            Text = Content.IsSet ? CommentText.Render(Content.Value) : null;
            return Task.CompletedTask;
        }
    }

    public static async Task<Results<Ok<Comment>, NotFound>> Handle(
        Guid id, Request request, Caller caller, Db db, Authors authors, IOptions<ContentSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (request.Text is not { } text)
            return await db.ReadFirst($"select {Comment.Columns} from content.comments c where c.id = {id} and c.author_id = {caller.Id} and c.state <> 'deleted'", Comment.Read, ct) is { } same
                ? TypedResults.Ok(await Comment.Sign(same, authors, ct)) : TypedResults.NotFound();

        var waits = settings.Value.ApproveComments && !caller.Is(Roles.Moderator);
        var wasShown = false;
        var comment = await db.ReadFirst(
            $"""
            with mine as (
                select c.id, c.state, c.post_id from content.comments c where c.id = {id} and c.author_id = {caller.Id} and c.state <> 'deleted' for no key update
            ), counted as (
                update content.posts p set comment_count = p.comment_count - 1 from mine where p.id = mine.post_id and mine.state = 'shown' and {waits}
            )
            update content.comments c set
                content = {text.Content}, html = {text.Rendered.Html}, rendered_by = {Rendered.Version}, edited_at = {clock.GetUtcNow()},
                state = case when mine.state = 'shown' and {waits} then 'pending' else mine.state end
            from mine where c.id = mine.id
            returning {Comment.Columns}, mine.state = 'shown'
            """,
            row =>
            {
                wasShown = row.GetBoolean(Comment.ColumnCount);
                return Comment.Read(row);
            }, ct);
        if (comment is null)
            return TypedResults.NotFound();
        if (wasShown)
            Comment.Evict(db, comment.PostId);
        return TypedResults.Ok(await Comment.Sign(comment, authors, ct));
    }
}
