using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>
/// Publishes a post, now or at a time of one's choosing; a later one takes an earlier one's place. One that was published before keeps the time it had then. To publish again what is published changes nothing.
/// </summary>
[Refuses("already_published")]
internal static class PublishPost
{
    /// <summary>How far ahead a post may be scheduled.</summary>
    internal static readonly TimeSpan Farthest = TimeSpan.FromDays(2 * 366);

    /// <param name="At">When; without it, now.</param>
    internal sealed record Request(DateTimeOffset? At = null);

    /// <summary>A time as the database keeps it, so that the job finds its own again.</summary>
    internal static DateTimeOffset AsKept(DateTimeOffset at) => new(at.Ticks - at.Ticks % TimeSpan.TicksPerMicrosecond, at.Offset);

    public static async Task<Results<Ok<Post>, NotFound>> Handle(Guid id, Request? request, Caller caller, Db db, IFiles files, Authors authors, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var which = Sql.Of($"p.id = {id} and {Post.IsOf(caller)}");
        Post? post;
        if (request?.At is { } at)
        {
            if (at <= now || at > now + Farthest)
                throw new InvalidException("at", "must be in the future, and not more than two years ahead.");
            at = AsKept(at);
            post = await db.ReadFirst(
                $"update content.posts p set status = 'scheduled', scheduled_for = {at}, updated_at = {now} where {which} and p.status <> 'published' returning {Post.Columns}", row => Post.Read(row, files), ct);
            if (post is not null)
            {
                db.Schedule(PublishOnTime.Kind, new PublishOnTime.Message(id, at), at);
                PostIndex.Place(db, post);
            }
        }
        else
        {
            post = await Publishing.Publish(db, which, now, files, ct);
        }

        if (post is null)
        {
            post = await db.ReadFirst($"select {Post.Columns} from content.posts p where {which}", row => Post.Read(row, files), ct);
            if (post is null)
                return TypedResults.NotFound();
            if (request?.At is not null)
                throw new RefusedException("already_published", "It is published; take it back first.");
        }

        return TypedResults.Ok(await authors.Sign(post, ct));
    }
}
