using System.ComponentModel.DataAnnotations;
using System.Text;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>The tags of posts: made by being written on one, and the same where they read alike.</summary>
internal static class PostTags
{
    /// <summary>Tags of a post.</summary>
    public const int AtMost = 10;

    /// <summary>Letters of a tag's name.</summary>
    public const int LongestName = 50;

    /// <summary>The table that is a gate: whoever writes tags on posts, or publishes posts, goes through together; whoever renames or merges tags goes alone.</summary>
    public const string Gate = "content.old_tags";

    private const int LongestSlug = 100;

    /// <summary>
    /// What makes two names the same, and what stands in addresses: letters and digits of any script, without accents and case, and hyphens between them. <c>C#</c> and <c>C++</c> are not
    /// <c>C</c>. Empty where there is none.
    /// </summary>
    public static string SlugOf(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var rune in Folded.Of(name.Replace("#", " sharp ", StringComparison.Ordinal).Replace("+", " plus ", StringComparison.Ordinal)).EnumerateRunes())
        {
            if (slug.Length + rune.Utf16SequenceLength > LongestSlug)
                break;
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.SpacingCombiningMark)
                slug.Append(rune);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        return slug.ToString().TrimEnd('-');
    }

    /// <summary>The tag that a slug means, an old one too: its id, as a subquery.</summary>
    public static Sql IdOf(string slug) => Sql.Of($"(select coalesce((select tag_id from content.old_tags where slug = {slug}), (select id from content.tags where slug = {slug})))");

    /// <summary>Has a post carry exactly these tags, in this order, making those that are not there. The unit of work has gone through the gate.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="postId">The post, locked or new.</param>
    /// <param name="names">As somebody wrote them.</param>
    /// <param name="publishedAt">When the post was published, while it is.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task Write(Db db, Guid postId, IReadOnlyList<string> names, DateTimeOffset? publishedAt, DateTimeOffset now, CancellationToken ct)
    {
        var wanted = names.Select(name => (Slug: SlugOf(name), Name: name.Trim())).DistinctBy(tag => tag.Slug, StringComparer.Ordinal).ToArray();
        // In one order always, so that two who make the same new tags cannot deadlock.
        var made = wanted.OrderBy(tag => tag.Slug, StringComparer.Ordinal).ToArray();
        var slugs = Array.ConvertAll(wanted, tag => tag.Slug);
        if (wanted.Length > 0)
            await db.Execute($"""
                insert into content.tags (id, slug, name, name_folded, words, created_at, updated_at)
                select w.id, w.slug, w.name, w.folded, w.words, {now}, {now}
                from unnest({Array.ConvertAll(made, _ => Guid.CreateVersion7(now))}, {Array.ConvertAll(made, tag => tag.Slug)}, {Array.ConvertAll(made, tag => tag.Name)},
                    {Array.ConvertAll(made, tag => Folded.ForSorting(tag.Name))}, {Array.ConvertAll(made, tag => SearchWords.OfName(tag.Name))}) with ordinality as w (id, slug, name, folded, words, place)
                where not exists (select from content.old_tags o where o.slug = w.slug)
                order by w.place
                on conflict (slug) do nothing
                """, ct);
        await db.Execute($"""
            with wanted as (
                select coalesce(o.tag_id, t.id) as tag_id, min(w.place)::integer as position
                from unnest({slugs}) with ordinality as w (slug, place) left join content.old_tags o on o.slug = w.slug left join content.tags t on t.slug = w.slug
                group by 1
            ), gone as (
                delete from content.post_tags x where x.post_id = {postId} and not exists (select from wanted where wanted.tag_id = x.tag_id)
            )
            insert into content.post_tags (post_id, tag_id, position, published_at) select {postId}, tag_id, position, {publishedAt} from wanted
            on conflict (post_id, tag_id) do update set position = excluded.position, published_at = excluded.published_at
            """, ct);
        if (publishedAt is not null)
            PostIndex.Learn(db, [.. wanted.Select(tag => SearchWords.OfName(tag.Name))]);
    }
}

/// <summary>Holds each name of a list of tags to a length, to one line and to having a letter or a digit in it.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class TagNamesAttribute() : ValidationAttribute("Each of {0} must have 1 to 50 characters, and a letter or a digit among them.")
{
    public override bool IsValid(object? value) => value switch
    {
        null => true,
        string name => IsName(name),
        string?[] names => Array.TrueForAll(names, name => name is not null && IsName(name)),
        _ => false,
    };

    private static bool IsName(string name) => name.Length <= PostTags.LongestName && !name.Any(char.IsControl) && PostTags.SlugOf(name).Length > 0;
}
