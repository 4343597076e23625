using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>What somebody said. Erased, its place stays where others answer it, without its words.</summary>
internal sealed class PersonsComments : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "comments";

    public string Stays => "Of comments that others answered, the place stays, without words and without a name.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var comments = await db.Read(
                $"select {Comment.Columns} from content.comments c where c.author_id = {personId} and c.id > {last} order by c.id limit {AtOnce}", Comment.Read, ct);
            foreach (var comment in comments)
                yield return comment;
            if (comments.Count < AtOnce)
                yield break;
            last = comments[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        var posts = await db.Read(
            $"""
            with found as (
                select c.id, c.state, c.post_id from content.comments c where c.author_id = {personId} order by c.id for no key update
            ), shown as (
                select post_id, count(*)::integer as count from found where state = 'shown' group by post_id
            ), locked as (
                select p.id from content.posts p where p.id in (select post_id from shown) order by p.id for no key update
            ), counted as (
                update content.posts p set comment_count = p.comment_count - shown.count from shown, locked where p.id = shown.post_id and locked.id = p.id
            ), emptied as (
                update content.comments c set state = 'deleted', content = null, html = null, hidden_reason = null, author_id = null from found where c.id = found.id
            )
            select distinct post_id from found
            """, row => row.GetGuid(0), ct);
        // What nobody answers leaves nothing at all. In a statement of its own: it sees what the one before has done.
        await db.Execute($"delete from content.comments c where c.post_id = any({posts.ToArray()}) and c.state = 'deleted' and c.author_id is null and not exists (select from content.comments a where a.parent_id = c.id)", ct);
        foreach (var post in posts)
            Comment.Evict(db, post);
    }
}
