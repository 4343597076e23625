using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>Lists the tags of published posts, those of most posts first. Sorts by postCount or name. Moderators also list those that no published post has, with <c>all</c>.</summary>
[Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ListTags
{
    private static readonly SortField[] Sorts = [new("-postCount", Tag.Counted, "bigint"), new("name", "t.name_folded", "text")];

    internal sealed record Query : PageQuery
    {
        /// <summary>How the name begins, whatever its accents and case.</summary>
        [StringLength(PostTags.LongestName, MinimumLength = 1)]
        public string? Search { get; init; }

        /// <summary>Whether those without published posts are listed as well. Moderators only.</summary>
        public bool? All { get; init; }
    }

    public static async Task<Ok<Page<Tag>>> Handle([AsParameters] Query query, Caller? caller, Db db, Shown shown, CancellationToken ct)
    {
        if (query.All == true && caller?.Is(Roles.Moderator) != true)
            throw new RefusedException("forbidden", "Only moderators ask for tags that no published post has.", StatusCodes.Status403Forbidden);
        shown.Tag(Post.Published);
        if (query.Search is not null)
            shown.KeepNothing();
        var where = Sql.Raw(query.All == true ? "true" : "exists (select from content.post_tags x where x.tag_id = t.id and x.published_at is not null)");
        if (query.Search is not null)
        {
            var begin = Folded.ForSorting(query.Search);
            where = $"{where} and t.name_folded >= {begin} and t.name_folded < {begin + char.ConvertFromUtf32(0x10FFFF)}";
        }

        return TypedResults.Ok(await db.List(query, Tag.Columns, Sql.Raw("content.tags t"), where, "t.id", Sorts, Tag.Read, ct));
    }
}
