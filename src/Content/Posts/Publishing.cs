using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Moves a post from one status to another, each in one statement, with what is found and shown of it.</summary>
internal static class Publishing
{
    /// <summary>Publishes what may be published. It is told of once, the first time.</summary>
    /// <param name="db">The unit of work, which has gone through the gate of tags together with others.</param>
    /// <param name="which">The condition on the post <c>p</c>.</param>
    /// <param name="now">The time.</param>
    /// <param name="files">Where covers are.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The post; null where none fits.</returns>
    public static async Task<Post?> Publish(Db db, Sql which, DateTimeOffset now, IFiles files, CancellationToken ct)
    {
        var isNew = false;
        var post = await db.ReadFirst(
            $"""
            with found as (
                select p.id, p.published_at from content.posts p where p.status <> 'published' and {which} for no key update
            )
            update content.posts p set status = 'published', scheduled_for = null, published_at = coalesce(found.published_at, {now}), updated_at = {now} from found where p.id = found.id
            returning {Post.Columns}, found.published_at is null
            """,
            row =>
            {
                isNew = row.GetBoolean(Post.ColumnCount);
                return Post.Read(row, files);
            }, ct);
        if (post is null)
            return null;

        PostIndex.Place(db, post);
        if (isNew)
            db.Publish(new PostPublished(post.Id, post.AuthorId));
        return post;
    }

    /// <summary>Takes a post away from everybody else, whatever it was.</summary>
    /// <param name="db">The unit of work, as above.</param>
    /// <param name="id">The post.</param>
    /// <param name="caller">Whose it must be.</param>
    /// <param name="status">Draft or archived. It is not changed where it is that already.</param>
    /// <param name="now">The time.</param>
    /// <param name="files">Where covers are.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task<Post?> Withdraw(Db db, Guid id, Caller caller, PostStatus status, DateTimeOffset now, IFiles files, CancellationToken ct)
    {
        var post = await db.ReadFirst(
            $"update content.posts p set status = {status}, scheduled_for = null, updated_at = {now} where p.id = {id} and p.status <> {status} and {Post.IsOf(caller)} returning {Post.Columns}",
            row => Post.Read(row, files), ct);
        if (post is null)
            return await db.ReadFirst($"select {Post.Columns} from content.posts p where p.id = {id} and {Post.IsOf(caller)}", row => Post.Read(row, files), ct);
        PostIndex.Place(db, post);
        return post;
    }
}
