namespace Quitanda.Content.Comments;

/// <summary>Whether a comment can be read.</summary>
internal enum CommentState
{
    /// <summary>It waits for a moderator. Its author and moderators see it.</summary>
    Pending,

    /// <summary>For everybody to read, with its post.</summary>
    Shown,

    /// <summary>A moderator hid it. Its author and moderators see it.</summary>
    Hidden,

    /// <summary>Its author took it back, or is erased: nothing is left of it but its place.</summary>
    Deleted,
}
