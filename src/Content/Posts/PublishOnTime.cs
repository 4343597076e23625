using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Publishes a post whose time has come. One that was taken back meanwhile, or has another time, is left alone.</summary>
internal sealed class PublishOnTime(Db db, IFiles files) : IHandle<PublishOnTime.Message>
{
    public const string Kind = "content.publish-post";

    /// <param name="PostId">The post.</param>
    /// <param name="At">The time that it was to be published at. That is when it was, though the job may be late.</param>
    internal sealed record Message(Guid PostId, DateTimeOffset At);

    public async Task Handle(Message message, CancellationToken ct)
    {
        db.GoTogether(PostTags.Gate);
        await Publishing.Publish(db, $"p.id = {message.PostId} and p.status = 'scheduled' and p.scheduled_for = {message.At}", message.At, files, ct);
    }
}
