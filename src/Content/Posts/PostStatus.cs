namespace Quitanda.Content.Posts;

/// <summary>Where a post stands. Only a published one is seen by anybody but its author and moderators.</summary>
internal enum PostStatus
{
    /// <summary>Being written, or taken back.</summary>
    Draft,

    /// <summary>To be published at its time.</summary>
    Scheduled,

    /// <summary>For everybody to read.</summary>
    Published,

    /// <summary>Put away.</summary>
    Archived,
}
