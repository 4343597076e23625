using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>What somebody says to a post, or to another comment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PostId">The post.</param>
/// <param name="ParentId">The comment that it stands under; null where it stands by itself. There are two levels.</param>
/// <param name="State">Whether it can be read.</param>
/// <param name="Content">Markdown, as it was given; null where only its place is left.</param>
/// <param name="Html">Made of it: nothing in it runs, and it can be shown as it is.</param>
/// <param name="AuthorId">Whose it is; null where they are erased, or only its place is left.</param>
/// <param name="Author">First name and initial, as the account has them now; null where it has no name to show.</param>
/// <param name="EditedAt">When its author changed it last; null where they never did.</param>
/// <param name="HiddenReason">Why a moderator hid it, where they said so. For its author and moderators.</param>
/// <param name="CreatedAt">When it was written.</param>
internal sealed record Comment(
    Guid Id,
    Guid PostId,
    Guid? ParentId,
    CommentState State,
    [Personal] string? Content,
    [Personal] string? Html,
    [Person] Guid? AuthorId,
    [Personal] string? Author,
    DateTimeOffset? EditedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Personal] string? HiddenReason,
    DateTimeOffset CreatedAt)
{
    /// <summary>Characters of a comment's Markdown.</summary>
    public const int Longest = 4000;

    /// <summary>Of a comment <c>c</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("c.id, c.post_id, c.parent_id, c.state, c.content, c.html, c.author_id, c.edited_at, c.hidden_reason, c.created_at");

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 10;

    /// <summary>The tag of every list of a post's comments.</summary>
    public static string Tag(Guid postId) => $"comments:{postId}";

    /// <summary>Forgets every answer that shows a post's comments, or how many there are.</summary>
    public static void Evict(Db db, Guid postId)
    {
        db.Evict(Tag(postId));
        db.Evict(Post.Tag(postId));
        db.Evict(Post.All);
    }

    public static Comment Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), Wire.Parse<CommentState>(row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5),
        row.IsDBNull(6) ? null : row.GetGuid(6), null, Post.At(row, 7), row.IsDBNull(8) ? null : row.GetString(8), row.GetFieldValue<DateTimeOffset>(9));

    /// <summary>As everybody sees it: of what cannot be read, its place alone.</summary>
    public Comment ForEverybody() => State == CommentState.Shown ? this : this with { Content = null, Html = null, AuthorId = null, Author = null, EditedAt = null, HiddenReason = null };

    /// <summary>A comment with its author's name.</summary>
    public static async Task<Comment> Sign(Comment comment, Authors authors, CancellationToken ct) => (await Sign([comment], authors, ct))[0];

    /// <summary>Comments with their authors' names.</summary>
    public static async Task<IReadOnlyList<Comment>> Sign(IReadOnlyList<Comment> comments, Authors authors, CancellationToken ct)
    {
        var names = await authors.Names(comments.Select(comment => comment.AuthorId), ct);
        return [.. comments.Select(comment => comment with { Author = names.GetValueOrDefault(comment.AuthorId ?? Guid.Empty) })];
    }
}
