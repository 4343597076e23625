using Quitanda.Platform;

namespace Quitanda.Content;

/// <summary>A post can be read by everybody for the first time. One that is taken back and published again is no news.</summary>
/// <param name="PostId">The post.</param>
/// <param name="AuthorId">Who wrote it; null where they are erased.</param>
public sealed record PostPublished(Guid PostId, Guid? AuthorId);

/// <summary>A comment can be read by everybody for the first time: it was written, or approved where comments wait for that.</summary>
/// <param name="CommentId">The comment.</param>
/// <param name="PostId">What it is about.</param>
/// <param name="AuthorId">Who wrote it.</param>
/// <param name="PostAuthorId">Who wrote the post; null where they are erased.</param>
/// <param name="ParentAuthorId">Who wrote the comment that it answers; null where it answers none, or they are erased.</param>
public sealed record CommentPosted(Guid CommentId, Guid PostId, Guid AuthorId, Guid? PostAuthorId, Guid? ParentAuthorId);

/// <summary>A moderator hid a comment.</summary>
/// <param name="CommentId">The comment.</param>
/// <param name="PostId">What it is about.</param>
/// <param name="AuthorId">Who wrote it; null where they are erased.</param>
public sealed record CommentHidden(Guid CommentId, Guid PostId, Guid? AuthorId);

/// <summary>Somebody finds something wrong with a post or a comment, and a moderator should look.</summary>
/// <param name="ReportId">The report.</param>
/// <param name="PostId">The post.</param>
/// <param name="CommentId">The comment; null where it is the post itself.</param>
public sealed record ReportMade(Guid ReportId, Guid PostId, Guid? CommentId);

/// <summary>Takes posts and comments of another system in, many at once. Every call joins the caller's transaction.</summary>
public interface IContentIntake
{
    /// <summary>Writes posts down, with their tags. A slug that another post has, or had, gets some letters more. Nobody is told of them.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingPost> posts, CancellationToken ct);

    /// <summary>Writes comments down, as they were shown there. What answers an answer stands under the same comment. Nobody is told of them.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> TakeComments(IReadOnlyList<IncomingComment> comments, CancellationToken ct);
}

/// <summary>A post of another system.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="AuthorId">Who wrote it, here.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Slug">As it was found there; made of the title where it is null or cannot be one.</param>
/// <param name="Excerpt">Plain text.</param>
/// <param name="Content">Markdown.</param>
/// <param name="PublishedAt">When it was published; null for a draft. One whose time is to come waits for it, and is published as any other that waits.</param>
/// <param name="Tags">Names.</param>
/// <param name="Views">How often it was read.</param>
/// <param name="CreatedAt">When it was begun; now where it is null.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record IncomingPost(
    Guid Id, Guid AuthorId, string? Title, string? Slug, string? Excerpt, string? Content, DateTimeOffset? PublishedAt, IReadOnlyList<string> Tags, long Views, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>A comment of another system.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="PostId">The post, here.</param>
/// <param name="ParentId">The comment that it answers, here.</param>
/// <param name="AuthorId">Who wrote it, here.</param>
/// <param name="Content">Markdown.</param>
/// <param name="IsShown">Whether everybody could read it; else it waits for a moderator.</param>
/// <param name="CreatedAt">When it was written; now where it is null.</param>
public sealed record IncomingComment(Guid Id, Guid PostId, Guid? ParentId, Guid AuthorId, string? Content, bool IsShown, DateTimeOffset? CreatedAt)
{
    /// <summary>Nothing of what somebody said, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingComment);
}
