using Quitanda.Content;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Tells those whose post or comment somebody commented on, and whoever wrote what a moderator hid. Nobody is told of what they wrote themselves, nor twice of one comment.</summary>
internal sealed class TellOfComments(Notifier notifier) : IHandle<CommentPosted>, IHandle<CommentHidden>
{
    public const string PostedKind = "notifications.tell-of-comments";
    public const string HiddenKind = "notifications.tell-of-hidden-comments";

    public async Task Handle(CommentPosted message, CancellationToken ct)
    {
        if (message.ParentAuthorId is { } answered && answered != message.AuthorId)
            await Tell(answered, NoticeKinds.CommentAnswered, message.CommentId, message.PostId, ct);
        if (message.PostAuthorId is { } author && author != message.AuthorId && author != message.ParentAuthorId)
            await Tell(author, NoticeKinds.PostCommented, message.CommentId, message.PostId, ct);
    }

    public Task Handle(CommentHidden message, CancellationToken ct) =>
        message.AuthorId is { } author ? Tell(author, NoticeKinds.CommentHidden, message.CommentId, message.PostId, ct) : Task.CompletedTask;

    private Task Tell(Guid person, NoticeKind kind, Guid commentId, Guid postId, CancellationToken ct) => notifier.Tell(
        person, kind, commentId.ToString(), at: null, new PostFacts(), new Dictionary<string, string>(StringComparer.Ordinal) { ["postId"] = postId.ToString(), ["commentId"] = commentId.ToString() }, ct);
}
