using Quitanda.Content.Comments;
using Quitanda.Content.Posts;
using Quitanda.Content.Reports;

namespace Quitanda.Content;

/// <summary>The tables as the EF model knows them; they are written and read by hand-made SQL.</summary>
internal sealed class PostRow
{
    public Guid Id { get; init; }
    public required string Slug { get; init; }
    public Guid? AuthorId { get; init; }
    public required string Title { get; init; }
    public string? Excerpt { get; init; }
    public required string Lead { get; init; }
    public required string Content { get; init; }
    public required string Html { get; init; }
    public int RenderedBy { get; init; }
    public PostStatus Status { get; init; }
    public DateTimeOffset? ScheduledFor { get; init; }
    public DateTimeOffset? PublishedAt { get; init; }
    public string? Cover { get; init; }
    public Guid? CoverBy { get; init; }
    public bool CommentsOpen { get; init; }
    public int CommentCount { get; init; }
    public long ViewCount { get; init; }
    public int Revision { get; init; }
    public Guid? WrittenBy { get; init; }
    public DateTimeOffset WrittenAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class SlugRow
{
    public required string Slug { get; init; }
    public Guid PostId { get; init; }
}

internal sealed class RevisionRow
{
    public Guid PostId { get; init; }
    public int Number { get; init; }
    public required string Title { get; init; }
    public string? Excerpt { get; init; }
    public required string Content { get; init; }
    public Guid? WrittenBy { get; init; }
    public DateTimeOffset WrittenAt { get; init; }
    public Guid Id { get; init; }
}

internal sealed class TagRow
{
    public Guid Id { get; init; }
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public required string NameFolded { get; init; }
    public required string Words { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class OldTagRow
{
    public required string Slug { get; init; }
    public Guid TagId { get; init; }
}

internal sealed class PostTagRow
{
    public Guid PostId { get; init; }
    public Guid TagId { get; init; }
    public int Position { get; init; }
    public DateTimeOffset? PublishedAt { get; init; }
}

internal sealed class SearchRow
{
    public Guid PostId { get; init; }
    public bool IsPublished { get; init; }
    public required string Title { get; init; }
    public required string Labels { get; init; }
    public required string Text { get; init; }
}

internal sealed class SearchWordRow
{
    public required string Word { get; init; }
}

internal sealed class CommentRow
{
    public Guid Id { get; init; }
    public Guid PostId { get; init; }
    public Guid? ParentId { get; init; }
    public Guid? AuthorId { get; init; }
    public CommentState State { get; init; }
    public string? Content { get; init; }
    public string? Html { get; init; }
    public int RenderedBy { get; init; }
    public string? HiddenReason { get; init; }
    public DateTimeOffset? EditedAt { get; init; }
    public DateTimeOffset? PostedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ReportRow
{
    public Guid Id { get; init; }
    public Guid PostId { get; init; }
    public Guid? CommentId { get; init; }
    public Guid? ReporterId { get; init; }
    public required string Reason { get; init; }
    public Resolution? Resolution { get; init; }
    public string? Note { get; init; }
    public Guid? ResolvedBy { get; init; }
    public DateTimeOffset? ResolvedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class FeedRow
{
    public Guid Id { get; init; }
}
