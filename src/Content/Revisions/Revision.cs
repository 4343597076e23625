using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Content.Revisions;

/// <summary>A text that a post had before, in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Counts from 1; the present text is the post's own <c>revision</c> and in no list.</param>
/// <param name="Title">Its title.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="WrittenBy">Who wrote it; null where they are erased.</param>
/// <param name="Writer">First name and initial, as the account has them now; null where it has no name to show.</param>
internal sealed record ListedRevision(Guid Id, int Number, [Personal] string Title, DateTimeOffset WrittenAt, [Person] Guid? WrittenBy, [Personal] string? Writer);

/// <summary>A text that a post had before.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Counts from 1; the present text is the post's own <c>revision</c>.</param>
/// <param name="Title">Its title.</param>
/// <param name="Excerpt">Its excerpt, where one was given.</param>
/// <param name="Content">Markdown, as it was given.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="WrittenBy">Who wrote it; null where they are erased.</param>
/// <param name="Writer">First name and initial, as the account has them now; null where it has no name to show.</param>
internal sealed record Revision(
    Guid Id, int Number, [Personal] string Title, [Personal] string? Excerpt, [Personal] string Content, DateTimeOffset WrittenAt, [Person] Guid? WrittenBy, [Personal] string? Writer)
{
    /// <summary>Of a revision <c>r</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("r.number, r.title, r.excerpt, r.content, r.written_at, r.written_by, r.id");

    public static Revision Read(NpgsqlDataReader row) => new(
        row.GetGuid(6), row.GetInt32(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetGuid(5), null);

    /// <summary>A revision of a post that the caller may change; null where there is none.</summary>
    public static Task<Revision?> Find(Db db, Guid postId, Guid id, Caller caller, CancellationToken ct) => db.ReadFirst(
        $"select {Columns} from content.revisions r join content.posts p on p.id = r.post_id where r.post_id = {postId} and r.id = {id} and {Posts.Post.IsOf(caller)}", Read, ct);
}
