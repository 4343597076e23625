using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Content.Markup;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>
/// Says something to a published post, or to a comment there. There are two levels: what answers an answer stands under the same comment. Where comments wait for a moderator, it is <c>pending</c> until then, unless
/// a moderator writes it.
/// </summary>
[Refuses("comments_closed"), Refuses("comment_gone")]
internal static class WriteComment
{
    /// <param name="Content">Markdown, without headings and images. Raw HTML in it is shown as text.</param>
    /// <param name="ParentId">The comment that it answers.</param>
    internal sealed record Request([StringLength(Comment.Longest, MinimumLength = 1)] string Content, Guid? ParentId = null) : IPrepared
    {
        internal (string Content, Rendered Rendered) Text { get; private set; }

        Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            Text = CommentText.Render(Content);
            return Task.CompletedTask;
        }
    }

    public static async Task<Results<Created<Comment>, NotFound>> Handle(
        Guid id, Request request, Caller author, Db db, Authors authors, IOptions<ContentSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (content, rendered) = request.Text;
        var isShown = !settings.Value.ApproveComments || author.Is(Roles.Moderator);
        Guid? postAuthor = null, parentAuthor = null;
        // The post is asked, counted and held in the statement that writes: who closes it or takes it away comes before, or after.
        var comment = await db.ReadFirst(
            $"""
            with answered as (
                select coalesce(a.parent_id, a.id) as id, a.author_id from content.comments a where a.id = {request.ParentId} and a.post_id = {id} and a.state = 'shown' for key share
            ), post as (
                update content.posts p set comment_count = p.comment_count + {(isShown ? 1 : 0)}
                where p.id = {id} and {Post.Shown} and p.comments_open and ({request.ParentId is null} or exists (select from answered))
                returning p.id, p.author_id
            ), c as (
                insert into content.comments (id, post_id, parent_id, author_id, state, content, html, rendered_by, posted_at, created_at)
                select {Guid.CreateVersion7(now)}, post.id, (select answered.id from answered), {author.Id}, {(isShown ? CommentState.Shown : CommentState.Pending)}, {content}, {rendered.Html}, {Rendered.Version},
                    {(isShown ? now : (DateTimeOffset?)null)}, {now}
                from post returning *
            )
            select {Comment.Columns}, post.author_id, (select answered.author_id from answered) from c cross join post
            """,
            row =>
            {
                (postAuthor, parentAuthor) = (row.IsDBNull(Comment.ColumnCount) ? null : row.GetGuid(Comment.ColumnCount), row.IsDBNull(Comment.ColumnCount + 1) ? null : row.GetGuid(Comment.ColumnCount + 1));
                return Comment.Read(row);
            }, ct);
        if (comment is null)
            return await Refuse(id, author, db, ct);

        if (isShown)
        {
            Comment.Evict(db, id);
            db.Publish(new CommentPosted(comment.Id, id, author.Id, postAuthor, parentAuthor));
        }

        return TypedResults.Created($"/api/v1/comments/{comment.Id}", await Comment.Sign(comment, authors, ct));
    }

    private static async Task<NotFound> Refuse(Guid id, Caller author, Db db, CancellationToken ct)
    {
        // Null stands for a post that is not there, or that the caller does not see.
        var takesComments = await db.ReadFirst<bool?>(
            $"select {Post.Shown} and p.comments_open from content.posts p where p.id = {id} and {Post.IsSeenBy(author)}", row => row.GetBoolean(0), ct);
        return takesComments switch
        {
            null => TypedResults.NotFound(),
            false => throw new RefusedException("comments_closed", "This post takes no comments."),
            true => throw new RefusedException("comment_gone", "The comment that is answered cannot be read any more."),
        };
    }
}
