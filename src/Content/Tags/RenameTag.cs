using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>Gives a tag another name, on all its posts. Its slug follows, and the one before still finds it.</summary>
[Refuses("tag_exists")]
internal static class RenameTag
{
    /// <param name="Name">As people read it.</param>
    internal sealed record Request([Required, StringLength(PostTags.LongestName), TagNames] Patch<string> Name = default);

    public static async Task<Results<Ok<Tag>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Tag.Find(db, id, ct) is not { } before)
            return TypedResults.NotFound();
        if (!request.Name.IsSet)
            return TypedResults.Ok(before);
        var name = request.Name.Value.Trim();
        var slug = PostTags.SlugOf(name);
        if (slug != before.Slug)
        {
            if (await db.ReadFirst<Guid?>($"select tag_id from content.old_tags where slug = {slug} and tag_id <> {id} union all select id from content.tags where slug = {slug}", row => row.GetGuid(0), ct) is { } other)
                throw new RefusedException("tag_exists", "Another tag is called so, or was; merge the two instead.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["tagId"] = other } };
            await db.Execute($"delete from content.old_tags where slug = {slug}", ct);
            await db.Execute($"insert into content.old_tags (slug, tag_id) values ({before.Slug}, {id})", ct);
        }

        var words = SearchWords.OfName(name);
        await db.Execute($"update content.tags set name = {name}, slug = {slug}, name_folded = {Folded.ForSorting(name)}, words = {words}, updated_at = {clock.GetUtcNow()} where id = {id}", ct);
        PostIndex.LabelAll(db, id);
        await TaggedPosts.Evict(db, id, ct);
        var renamed = (await Tag.Find(db, id, ct))!;
        if (renamed.PostCount > 0)
            PostIndex.Learn(db, words);
        return TypedResults.Ok(renamed);
    }
}
