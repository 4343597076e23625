using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Deletes a post of one's own; moderators delete any. It goes with its comments, its revisions, its slugs and what was reported of it. To put one away, archive it.</summary>
internal static class DeletePost
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, IFiles files, CancellationToken ct)
    {
        var wasPublished = await db.ReadFirst<bool?>($"delete from content.posts p where p.id = {id} and {Post.IsOf(caller)} returning {Post.Shown}", row => row.GetBoolean(0), ct);
        if (wasPublished is null)
            return TypedResults.NotFound();
        await files.ShowOwn(PostCover.ShownBy, id, caller.Id, (Guid?)null, ct);
        // What nobody else saw is in no answer that is kept.
        if (wasPublished == true)
            Post.Evict(db, id);
        return TypedResults.NoContent();
    }
}
