using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>Shows one tag, by its id or its slug; a slug that it had before, or that a tag had which was merged into it, finds it too.</summary>
internal static class ShowTag
{
    public static async Task<Results<Ok<Tag>, NotFound>> Handle(string idOrSlug, Db db, Shown shown, CancellationToken ct)
    {
        shown.Tag(Post.Published);
        var key = Guid.TryParse(idOrSlug, out var id) ? Sql.Of($"{id}") : PostTags.IdOf(idOrSlug);
        return await db.ReadFirst($"select {Tag.Columns} from content.tags t where t.id = {key}", Tag.Read, ct) is { } tag ? TypedResults.Ok(tag) : TypedResults.NotFound();
    }
}
