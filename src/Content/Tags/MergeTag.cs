using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>Makes one tag of two: the posts of this one carry the other from then on, and its slugs find the other.</summary>
internal static class MergeTag
{
    /// <param name="Into">The tag that stays.</param>
    internal sealed record Request(Guid Into);

    public static async Task<Results<Ok<Tag>, NotFound>> Handle(Guid id, Request request, Db db, CancellationToken ct)
    {
        if (await Tag.Find(db, id, ct) is not { } gone)
            return TypedResults.NotFound();
        var into = request.Into;
        if (into == id || await Tag.Find(db, into, ct) is null)
            throw new InvalidException("into", "must be another tag.");

        await TaggedPosts.Evict(db, id, ct);
        // A post that is being deleted is waited for, and passed over then.
        await db.Execute($"""
            insert into content.post_tags (post_id, tag_id, position, published_at)
            select x.post_id, {into}, x.position, x.published_at from content.post_tags x join content.posts p on p.id = x.post_id where x.tag_id = {id} order by x.post_id for key share of p
            on conflict (post_id, tag_id) do nothing
            """, ct);
        await db.Execute($"update content.old_tags set tag_id = {into} where tag_id = {id}", ct);
        await db.Execute($"delete from content.tags where id = {id}", ct);
        await db.Execute($"insert into content.old_tags (slug, tag_id) values ({gone.Slug}, {into})", ct);
        PostIndex.LabelAll(db, into);
        return TypedResults.Ok((await Tag.Find(db, into, ct))!);
    }
}
