using System.Text.Json;
using Npgsql;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>A tag of a post.</summary>
/// <param name="Name">As people read it.</param>
/// <param name="Slug">By which posts are asked for.</param>
internal sealed record PostTag([Impersonal] string Name, [Impersonal] string Slug);

/// <summary>The image that goes before a post.</summary>
/// <param name="Id">The file.</param>
/// <param name="Url">Where anyone gets it. The same for good.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record PostCover(Guid Id, [Impersonal] string Url, int Width, int Height)
{
    /// <summary>What posts are to files.</summary>
    public const string ShownBy = "post";

    public static PostCover? Read(string? stored, IFiles files) =>
        stored is null ? null : JsonSerializer.Deserialize<ShownImage>(stored, Wire.Stored) is { } image ? new(image.Id, files.UrlOf(image.Id), image.Width, image.Height) : null;
}

/// <summary>A post in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slug">Its readable name in addresses. It may change; an old one leads to the present one.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Excerpt">Plain text: what its author gave, or how the post begins.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="AuthorId">Whose it is; null where they are erased.</param>
/// <param name="Author">First name and initial, as the account has them now; null where it has no name to show.</param>
/// <param name="Tags">In the author's order.</param>
/// <param name="Cover">The image that goes before it.</param>
/// <param name="PublishedAt">When it was first published; null where it never was.</param>
/// <param name="ScheduledFor">When it will be published, where it waits for that.</param>
/// <param name="ViewCount">How often it was read, up to a minute ago.</param>
/// <param name="CommentCount">How many comments can be read.</param>
/// <param name="CommentsOpen">Whether it takes comments.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="UpdatedAt">When it was changed last; views and comments do not count.</param>
internal sealed record ListedPost(
    Guid Id,
    [Impersonal] string Slug,
    [Personal] string Title,
    [Personal] string Excerpt,
    PostStatus Status,
    [Person] Guid? AuthorId,
    [Personal] string? Author,
    PostTag[] Tags,
    PostCover? Cover,
    DateTimeOffset? PublishedAt,
    DateTimeOffset? ScheduledFor,
    long ViewCount,
    int CommentCount,
    bool CommentsOpen,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Of a post <c>p</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        p.id, p.slug, p.title, coalesce(p.excerpt, p.lead), p.status, p.author_id, p.cover, p.published_at, p.scheduled_for, p.view_count, p.comment_count, p.comments_open, p.created_at, p.updated_at,
        (select jsonb_agg(jsonb_build_object('name', t.name, 'slug', t.slug) order by x.position, t.id) from content.post_tags x join content.tags t on t.id = x.tag_id where x.post_id = p.id)
        """);

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 15;

    public static ListedPost Read(NpgsqlDataReader row, IFiles files) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), Wire.Parse<PostStatus>(row.GetString(4)), row.IsDBNull(5) ? null : row.GetGuid(5), null,
        row.IsDBNull(14) ? [] : JsonSerializer.Deserialize<PostTag[]>(row.GetString(14), Wire.Stored)!, PostCover.Read(row.IsDBNull(6) ? null : row.GetString(6), files),
        Post.At(row, 7), Post.At(row, 8), row.GetInt64(9), row.GetInt32(10), row.GetBoolean(11), row.GetFieldValue<DateTimeOffset>(12), row.GetFieldValue<DateTimeOffset>(13));
}

/// <summary>A post, whole.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slug">Its readable name in addresses. It may change; an old one leads to the present one.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Excerpt">Plain text: what its author gave, or how the post begins.</param>
/// <param name="Content">Markdown, as it was given.</param>
/// <param name="Html">Made of it: nothing in it runs, and it can be shown as it is.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="AuthorId">Whose it is; null where they are erased.</param>
/// <param name="Author">First name and initial, as the account has them now; null where it has no name to show.</param>
/// <param name="Tags">In the author's order.</param>
/// <param name="Cover">The image that goes before it.</param>
/// <param name="PublishedAt">When it was first published; null where it never was.</param>
/// <param name="ScheduledFor">When it will be published, where it waits for that.</param>
/// <param name="ViewCount">How often it was read, up to a minute ago.</param>
/// <param name="CommentCount">How many comments can be read.</param>
/// <param name="CommentsOpen">Whether it takes comments.</param>
/// <param name="Revision">The number of this text: each change of title, excerpt or content makes another.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="UpdatedAt">When it was changed last; views and comments do not count.</param>
internal sealed record Post(
    Guid Id,
    [Impersonal] string Slug,
    [Personal] string Title,
    [Personal] string Excerpt,
    [Personal] string Content,
    [Personal] string Html,
    PostStatus Status,
    [Person] Guid? AuthorId,
    [Personal] string? Author,
    PostTag[] Tags,
    PostCover? Cover,
    DateTimeOffset? PublishedAt,
    DateTimeOffset? ScheduledFor,
    long ViewCount,
    int CommentCount,
    bool CommentsOpen,
    int Revision,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>The tag of every list of posts.</summary>
    public const string All = "posts";

    /// <summary>The tag of answers that show which posts there are and what they say, but nothing of their comments: the feed, the site map, the tags. Whoever comments leaves those as they are.</summary>
    public const string Published = "published-posts";

    public const int LongestTitle = 200;
    public const int LongestExcerpt = 500;

    /// <summary>Characters of a post's Markdown.</summary>
    public const int LongestContent = 65_536;

    private const string TagPrefix = "post:";

    /// <summary>Of a post <c>p</c>.</summary>
    public static readonly Sql Columns = Sql.Of($"{ListedPost.Columns}, p.content, p.html, p.revision");

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 18;

    /// <summary>What everybody reads, of a post <c>p</c>. It is an index's own condition, to the letter.</summary>
    public static readonly Sql Shown = Sql.Raw("p.status = 'published'");

    /// <summary>The tag of every answer that shows this post alone.</summary>
    public static string Tag(Guid id) => $"{TagPrefix}{id}";

    /// <summary>The post that such a tag names; null for any other tag.</summary>
    public static Guid? Tagged(string tag) => tag.StartsWith(TagPrefix, StringComparison.Ordinal) && Guid.TryParse(tag.AsSpan(TagPrefix.Length), out var id) ? id : null;

    /// <summary>That a post <c>p</c> is the caller's, or that they look after all.</summary>
    public static Sql IsOf(Caller caller) => caller.Is(Roles.Moderator) ? Sql.Raw("true") : Sql.Of($"p.author_id = {caller.Id}");

    /// <summary>That a post <c>p</c> can be seen by whoever reads.</summary>
    public static Sql IsSeenBy(Caller? caller) => caller is null ? Shown : caller.Is(Roles.Moderator) ? Sql.Raw("true") : Sql.Of($"({Shown} or p.author_id = {caller.Id})");

    public static Post Read(NpgsqlDataReader row, IFiles files)
    {
        var listed = ListedPost.Read(row, files);
        return new(
            listed.Id, listed.Slug, listed.Title, listed.Excerpt, row.GetString(15), row.GetString(16), listed.Status, listed.AuthorId, null, listed.Tags, listed.Cover, listed.PublishedAt,
            listed.ScheduledFor, listed.ViewCount, listed.CommentCount, listed.CommentsOpen, row.GetInt32(17), listed.CreatedAt, listed.UpdatedAt);
    }

    /// <summary>A post as it is in this unit of work, for whoever may see it; null where there is none.</summary>
    public static Task<Post?> Find(Db db, Guid id, Caller? caller, IFiles files, CancellationToken ct) =>
        db.ReadFirst($"select {Columns} from content.posts p where p.id = {id} and {IsSeenBy(caller)}", row => Read(row, files), ct);

    /// <summary>Forgets every answer that shows this post, alone or in a list.</summary>
    public static void Evict(Db db, Guid id)
    {
        db.Evict(Tag(id));
        EvictLists(db);
    }

    /// <summary>Forgets every answer that shows many posts.</summary>
    public static void EvictLists(Db db)
    {
        db.Evict(All);
        db.Evict(Published);
    }

    internal static DateTimeOffset? At(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}
