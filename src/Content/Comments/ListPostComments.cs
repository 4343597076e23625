using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>
/// Lists a post's comments, the first first, each with its answers under it, 20 of them; the rest by <c>parent</c>. Sorts by createdAt. Of a comment that was taken back or hidden, and is answered, the place is listed,
/// without its words and its author.
/// </summary>
internal static class ListPostComments
{
    /// <summary>Answers that are listed with a comment.</summary>
    private const int AnswersAtMost = 20;

    private static readonly SortField[] Sorts = [new("createdAt", "c.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>The answers to this comment, and no others.</summary>
        public Guid? Parent { get; init; }
    }

    /// <summary>A comment and what answers it.</summary>
    /// <param name="Comment">The comment.</param>
    /// <param name="Answers">The first of its answers, in the order in which they were written.</param>
    /// <param name="AnswerCount">How many there are.</param>
    internal sealed record Thread(Comment Comment, Comment[] Answers, int AnswerCount);

    public static async Task<Results<Ok<Page<Thread>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller? caller, Db db, Authors authors, Shown shown, CancellationToken ct)
    {
        if (await db.ReadFirst<bool?>($"select {Post.Shown} from content.posts p where p.id = {id} and {Post.IsSeenBy(caller)}", row => row.GetBoolean(0), ct) is not { } isForAll)
            return TypedResults.NotFound();
        shown.Tag(Comment.Tag(id));
        // A post that is taken away takes its comments along.
        shown.Tag(Post.Tag(id));
        // Its author is a customer as well, and what customers are shown is kept for all of them.
        if (!isForAll)
            shown.KeepNothing();
        var page = await db.List(query, Comment.Columns, Sql.Raw("content.comments c"), Where(id, query), "c.id", Sorts, Comment.Read, ct, hasOnePlan: true);
        var answers = query.Parent is null && page.Data.Count > 0 ? await Answers([.. page.Data.Select(comment => comment.Id)], db, ct) : [];
        var signed = await Comment.Sign([.. page.Data.Select(comment => comment.ForEverybody()), .. answers.Select(answer => answer.Comment)], authors, ct);
        var under = signed.Skip(page.Data.Count).ToLookup(answer => answer.ParentId);
        var counts = answers.DistinctBy(answer => answer.Comment.ParentId).ToDictionary(answer => answer.Comment.ParentId!.Value, answer => answer.Count);
        return TypedResults.Ok(new Page<Thread>([.. signed.Take(page.Data.Count).Select(comment => new Thread(comment, [.. under[comment.Id]], counts.GetValueOrDefault(comment.Id)))], page.Meta));
    }

    internal static Sql Where(Guid postId, Query query) => query.Parent is { } parent
        ? Sql.Of($"c.parent_id = {parent} and c.post_id = {postId} and c.state = 'shown'")
        : Sql.Of($"c.post_id = {postId} and c.parent_id is null and (c.state = 'shown' or exists (select from content.comments a where a.parent_id = c.id and a.state = 'shown'))");

    private static Task<List<(Comment Comment, int Count)>> Answers(Guid[] parents, Db db, CancellationToken ct) => db.Read(
        $"""
        select {Comment.Columns}, n.count from unnest({parents}) as parent (id)
        cross join lateral (select a.* from content.comments a where a.parent_id = parent.id and a.state = 'shown' order by a.created_at, a.id limit {AnswersAtMost}) c
        cross join lateral (select count(*)::integer from content.comments a where a.parent_id = parent.id and a.state = 'shown') n
        order by c.created_at, c.id
        """, row => (Comment.Read(row), row.GetInt32(Comment.ColumnCount)), ct);
}
