using System.Runtime.CompilerServices;
using Quitanda.Content.Revisions;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>
/// What somebody wrote. Erased, what was published stays, since others read it, link to it and answer it, and shops are not to lose their pages with an employee: without a name. Drafts go, and with them
/// every text before the present one.
/// </summary>
internal sealed class PersonsPosts(IFiles files) : IPersonalData
{
    private const int AtOnce = 50;

    public string Name => "posts";

    public string Stays => "Posts that were published stay as they are, under no name and without the images that were sent for them; to have one go, delete it first.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var posts = await db.Read($"select {Post.Columns} from content.posts p where p.author_id = {personId} and p.id > {last} order by p.id limit {AtOnce}", row => Post.Read(row, files), ct);
            foreach (var post in posts)
                yield return new
                {
                    Post = post,
                    Revisions = await db.Read($"select {Revision.Columns} from content.revisions r where r.post_id = {post.Id} and r.written_by = {personId} order by r.number", Revision.Read, ct),
                };
            if (posts.Count < AtOnce)
                yield break;
            last = posts[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // A cover is the file of whoever sent it, and goes with them, whoever wrote the post.
        var covered = await db.Read(
            $"""
            with locked as (
                select id from content.posts where cover_by = {personId} order by id for update
            )
            update content.posts p set cover = null, cover_by = null from locked where p.id = locked.id returning p.id
            """, row => row.GetGuid(0), ct);
        foreach (var id in covered)
        {
            await files.ShowOwn(PostCover.ShownBy, id, personId, (Guid?)null, ct);
            Post.Evict(db, id);
        }

        await db.Execute($"delete from content.revisions r using content.posts p where p.id = r.post_id and p.author_id = {personId}", ct);
        await db.Execute($"update content.revisions set written_by = null where written_by = {personId}", ct);
        // Somebody else's image may be on a draft: it is nobody's cover then.
        foreach (var id in await db.Read($"delete from content.posts where author_id = {personId} and status in ('draft', 'scheduled') returning id, cover_by", row => row.IsDBNull(1) ? (Guid?)null : row.GetGuid(0), ct))
            if (id is { } covers)
                await files.ShowOwn(PostCover.ShownBy, covers, personId, (Guid?)null, ct);
        var kept = await db.Read(
            $"""
            with locked as (
                select id from content.posts where author_id = {personId} order by id for update
            )
            update content.posts p set author_id = null from locked where p.id = locked.id returning p.id
            """, row => row.GetGuid(0), ct);
        await db.Execute($"update content.posts set written_by = null where written_by = {personId}", ct);
        foreach (var id in kept)
            Post.Evict(db, id);
    }
}
