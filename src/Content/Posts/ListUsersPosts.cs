using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Lists what somebody has published, the latest first. Sorts by publishedAt or viewCount. Whoever is not there has published nothing.</summary>
internal static class ListUsersPosts
{
    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<ListedPost>>> Handle(Guid id, [AsParameters] Query query, Db db, IFiles files, Authors authors, Shown shown, CancellationToken ct)
    {
        shown.Tag(Post.All);
        var way = PostWay.Of(new ListPosts.Query { Author = id });
        return TypedResults.Ok(await authors.Sign(await db.List(query, ListedPost.Columns, way.From, way.Where, way.Id, way.Sorts, row => ListedPost.Read(row, files), ct, hasOnePlan: true), ct));
    }
}
