using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Takes in what was said to posts elsewhere.</summary>
internal static class CommentIntake
{
    public static async Task<IReadOnlyList<Arrival>> Take(Db db, IReadOnlyList<IncomingComment> comments, DateTimeOffset now, CancellationToken ct)
    {
        var rows = comments.Select(comment => Of(comment, now)).ToList();
        var byId = rows.Where(row => row.Arrival.MayCome).ToDictionary(row => row.Row.Id, row => row.Row);
        var wanted = byId.Values.Select(row => row with { ParentId = TopOf(row, byId) }).ToList();
        if (wanted.Count == 0)
            return [.. rows.Select(row => row.Arrival)];

        // Their posts are held first, in one order, as by whoever comments: what is counted is what is there.
        await db.Execute($"select 1 from content.posts where id = any({wanted.Select(row => row.PostId).Distinct().ToArray()}) order by id for no key update", ct);
        var added = (await db.Read(
            $"""
            insert into content.comments (id, post_id, parent_id, author_id, state, content, html, rendered_by, posted_at, created_at)
            -- Two levels: a parent that stands under another gives its own place to what answers it. It may come with the same rows.
            select w.id, w."postId", coalesce(p.parent_id, p.id, near.id), w."authorId", w.state, w.content, w.html, {Rendered.Version}, case when w.state = 'shown' then w."createdAt" end, w."createdAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as w (id uuid, "postId" uuid, "parentId" uuid, "authorId" uuid, state text, content text, html text, "createdAt" timestamptz)
            join content.posts post on post.id = w."postId"
            left join content.comments p on p.id = w."parentId" and p.post_id = w."postId"
            left join jsonb_to_recordset({Sql.Json(wanted)}) as near (id uuid, "postId" uuid) on near.id = w."parentId" and near."postId" = w."postId"
            order by w."createdAt", w.id
            returning id
            """, row => row.GetGuid(0), ct)).ToHashSet();
        await db.Execute(
            $"""
            update content.posts p set comment_count = p.comment_count + shown.number
            from (select c.post_id, count(*)::integer as number from content.comments c where c.id = any({added.ToArray()}) and c.state = 'shown' group by c.post_id) shown where p.id = shown.post_id
            """, ct);
        foreach (var (arrival, _) in rows.Where(row => row.Arrival.MayCome && !added.Contains(row.Row.Id)))
            arrival.Refuse("post_missing", "Its post is not here.");
        foreach (var post in wanted.Select(row => row.PostId).Distinct())
            Comment.Evict(db, post);
        return [.. rows.Select(row => row.Arrival)];
    }

    /// <summary>What a comment answers, or what that answers, up to the first that is not among these rows or answers none.</summary>
    private static Guid? TopOf(Row row, Dictionary<Guid, Row> rows)
    {
        var top = row.ParentId;
        // Two that answer each other would lead round for ever.
        for (var steps = 0; steps < rows.Count && top is { } id && rows.TryGetValue(id, out var parent) && parent.ParentId is { } above; steps++)
            top = above;
        return top == row.Id ? null : top;
    }

    private static (Arrival Arrival, Row Row) Of(IncomingComment given, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        var (content, html) = (arrival.Words(given.Content, Comment.Longest, "content"), "");
        if (content is null)
            arrival.Refuse("content_missing", "Nothing is in it.");
        else
            try
            {
                (content, var rendered) = CommentText.Render(content);
                html = rendered.Html;
            }
            catch (InvalidException error)
            {
                arrival.Refuse("content_invalid", $"Its text {error.Message}");
            }

        return (arrival, new(given.Id, given.PostId, given.ParentId, given.AuthorId, given.IsShown ? CommentState.Shown : CommentState.Pending, content ?? "", html, given.CreatedAt ?? now));
    }

    private sealed record Row(Guid Id, Guid PostId, Guid? ParentId, Guid AuthorId, CommentState State, string Content, string Html, DateTimeOffset CreatedAt);
}
