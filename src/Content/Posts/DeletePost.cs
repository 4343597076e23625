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
        if (!await db.ReadFirst($"delete from content.posts p where p.id = {id} and {Post.IsOf(caller)} returning true", row => row.GetBoolean(0), ct))
            return TypedResults.NotFound();
        await files.ShowOwn(PostCover.ShownBy, id, caller.Id, (Guid?)null, ct);
        Post.Evict(db, id);
        return TypedResults.NoContent();
    }
}
