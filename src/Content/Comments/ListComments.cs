using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Lists everybody's comments, the newest first, for moderators: those that wait with <c>state=pending</c>. What was taken back is left out.</summary>
internal static class ListComments
{
    internal static readonly SortField[] Sorts = [new("-createdAt", "c.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary><c>pending</c>, <c>shown</c> or <c>hidden</c>.</summary>
        [StringLength(20, MinimumLength = 1)]
        public string? State { get; init; }

        /// <summary>Only those of this post.</summary>
        public Guid? PostId { get; init; }

        /// <summary>Only those of this user.</summary>
        public Guid? Author { get; init; }
    }

    public static async Task<Ok<Page<Comment>>> Handle([AsParameters] Query query, Db db, Authors authors, CancellationToken ct)
    {
        var page = await db.List(query, Comment.Columns, Sql.Raw("content.comments c"), Where(query), "c.id", Sorts, Comment.Read, ct);
        return TypedResults.Ok(new Page<Comment>(await Comment.Sign(page.Data, authors, ct), page.Meta));
    }

    internal static Sql Where(Query query)
    {
        var where = query.State is null ? Sql.Raw("c.state <> 'deleted'") : Sql.Of($"c.state = {Wire.Asked<CommentState>(query.State, "state")}");
        if (query.PostId is { } post)
            where = $"{where} and c.post_id = {post}";
        if (query.Author is { } author)
            where = $"{where} and c.author_id = {author}";
        return where;
    }
}
