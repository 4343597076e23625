using Npgsql;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>What a moderator makes of a report.</summary>
internal enum Resolution
{
    /// <summary>Something was wrong.</summary>
    Upheld,

    /// <summary>Nothing was wrong.</summary>
    Dismissed,
}

/// <summary>What somebody finds wrong with a post or a comment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PostId">The post.</param>
/// <param name="CommentId">The comment; null where it is the post itself.</param>
/// <param name="Excerpt">What is reported, as it begins now; null where it was taken back.</param>
/// <param name="Reason">What is wrong, in the words of who reported it.</param>
/// <param name="ReporterId">Who did; null where they are erased.</param>
/// <param name="Resolution">What a moderator made of it; null while it is open.</param>
/// <param name="Note">What the moderator noted.</param>
/// <param name="ResolvedBy">Who that was.</param>
/// <param name="ResolvedAt">When.</param>
/// <param name="CreatedAt">When it was reported.</param>
internal sealed record Report(
    Guid Id,
    Guid PostId,
    Guid? CommentId,
    [Personal] string? Excerpt,
    [Personal] string Reason,
    [Person] Guid? ReporterId,
    Resolution? Resolution,
    [Personal] string? Note,
    Guid? ResolvedBy,
    DateTimeOffset? ResolvedAt,
    DateTimeOffset CreatedAt)
{
    /// <summary>Of a report <c>r</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        r.id, r.post_id, r.comment_id, case when r.comment_id is null then (select left(p.title, 200) from content.posts p where p.id = r.post_id) else (select left(c.content, 200) from content.comments c where c.id = r.comment_id) end,
        r.reason, r.reporter_id, r.resolution, r.note, r.resolved_by, r.resolved_at, r.created_at
        """);

    public static Report Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetGuid(5),
        row.IsDBNull(6) ? null : Wire.Parse<Resolution>(row.GetString(6)), row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetGuid(8), Post.At(row, 9), row.GetFieldValue<DateTimeOffset>(10));

    /// <summary>Files a report: one of a person about one thing.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="postId">The post.</param>
    /// <param name="commentId">The comment, where it is about one.</param>
    /// <param name="reporter">Who reports it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="RefusedException"><c>already_reported</c>.</exception>
    public static async Task File(Db db, Guid postId, Guid? commentId, Caller reporter, string reason, DateTimeOffset now, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(now);
        if (!await db.ReadFirst(
            $"""
            insert into content.reports (id, post_id, comment_id, reporter_id, reason, created_at) values ({id}, {postId}, {commentId}, {reporter.Id}, {reason.Trim()}, {now})
            on conflict on constraint one_report_of_a_person do nothing returning true
            """, row => row.GetBoolean(0), ct))
            throw new RefusedException("already_reported", "You have reported this before.");
        db.Publish(new ReportMade(id, postId, commentId));
    }
}
