using System.ComponentModel.DataAnnotations;
using Quitanda.Content.Tags;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>What published posts are chosen by, in lists and searches.</summary>
internal abstract record PostFilter : PageQuery
{
    /// <summary>Only those with this tag: its slug, or one that it had before.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? Tag { get; init; }

    /// <summary>Only those of this user.</summary>
    public Guid? Author { get; init; }
}

/// <summary>How lists of published posts go into the database: by the author's, by the tag's or by all there are, in the order of an index.</summary>
/// <param name="From">The tables.</param>
/// <param name="Where">The condition.</param>
/// <param name="Id">The post's id.</param>
/// <param name="Sorts">What may be sorted by.</param>
internal sealed record PostWay(Sql From, Sql Where, string Id, SortField[] Sorts)
{
    private static readonly SortField[] OfPosts = [new("-publishedAt", "p.published_at", "timestamptz"), new("viewCount", "p.view_count", "bigint")];
    private static readonly SortField[] OfTags = [new("-publishedAt", "x.published_at", "timestamptz"), new("viewCount", "p.view_count", "bigint")];

    /// <summary>The way of a filter.</summary>
    public static PostWay Of(PostFilter filter)
    {
        var where = Post.Shown;
        if (filter.Author is { } author)
            where = $"{where} and p.author_id = {author}";
        return filter.Tag is not { } tag ? new(Sql.Raw("content.posts p"), where, "p.id", OfPosts)
            : new(Sql.Raw("content.post_tags x join content.posts p on p.id = x.post_id"), $"{where} and x.published_at is not null and x.tag_id = {PostTags.IdOf(tag)}", "x.post_id", OfTags);
    }
}
