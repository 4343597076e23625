using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>The posts that show a tag.</summary>
internal static class TaggedPosts
{
    /// <summary>With more posts than this, their own answers are left to age: each lives a minute, and every list is forgotten all the same.</summary>
    private const int AtMost = 1000;

    /// <summary>Forgets what shows a tag: every list, and its published posts.</summary>
    public static async Task Evict(Db db, Guid tagId, CancellationToken ct)
    {
        foreach (var post in await db.Read($"select post_id from content.post_tags where tag_id = {tagId} and published_at is not null order by published_at desc limit {AtMost}", row => row.GetGuid(0), ct))
            db.Evict(Post.Tag(post));
        Post.EvictLists(db);
    }
}
