using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Lists the caller's own posts, published or not, the newest first.</summary>
internal static class ListMyPosts
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only <c>draft</c>, <c>scheduled</c>, <c>published</c> or <c>archived</c> ones.</summary>
        [StringLength(20, MinimumLength = 1)]
        public string? Status { get; init; }
    }

    public static async Task<Ok<Page<ListedPost>>> Handle([AsParameters] Query query, Caller caller, Db db, IFiles files, Authors authors, CancellationToken ct)
    {
        var where = Sql.Of($"p.author_id = {caller.Id}");
        if (query.Status is not null)
            where = $"{where} and p.status = {Wire.Asked<PostStatus>(query.Status, "status")}";
        var page = await db.List(query, ListedPost.Columns, Sql.Raw("content.posts p"), where, "p.id", ListPosts.OfAnyStatus, row => ListedPost.Read(row, files), ct, hasOnePlan: query.Status is null);
        return TypedResults.Ok(await authors.Sign(page, ct));
    }
}
