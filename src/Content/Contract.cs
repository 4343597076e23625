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
