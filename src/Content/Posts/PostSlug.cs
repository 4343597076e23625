using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>The readable part of a post's address, made from its title: <c>Pão de queijo</c> is <c>pao-de-queijo</c>. A post keeps all it ever had.</summary>
internal static class PostSlug
{
    /// <summary>Slugs of one post, the ones it had among them: each is taken from everybody else for good.</summary>
    private const int AtMost = 50;

    /// <summary>What stands at the place of a slug in addresses of our own.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { "mine", "search" };

    /// <summary>The slug that a title asks for. One that somebody chooses may be longer.</summary>
    public static string Of(string title) => Slugs.Of(title, "post", Ours);

    /// <inheritdoc cref="Slugs.IsUsable"/>
    public static bool IsUsable(string slug) => Slugs.IsUsable(slug, Ours);

    /// <summary>Takes the slug that was chosen, for good. The post is new, or locked by this unit of work.</summary>
    /// <exception cref="RefusedException"><c>slug_taken</c>: another post has it, or had it once. <c>too_many_slugs</c>: this one has had too many.</exception>
    public static async Task Choose(Db db, Guid postId, string slug, CancellationToken ct)
    {
        if (await db.ReadFirst(
            $"""
            insert into content.slugs as s (slug, post_id) select {slug}, {postId} where (select count(*) from content.slugs o where o.post_id = {postId} and o.slug <> {slug}) < {AtMost}
            on conflict (slug) do update set slug = excluded.slug where s.post_id = excluded.post_id returning true
            """, row => row.GetBoolean(0), ct))
            return;
        throw await db.ReadFirst($"select true from content.slugs where slug = {slug} and post_id <> {postId}", row => row.GetBoolean(0), ct)
            ? new RefusedException("slug_taken", "Another post has this slug, or had it once.")
            : new RefusedException("too_many_slugs", $"A post has {AtMost} slugs at the most, and keeps each; take one of those again.");
    }

    /// <summary>Takes the slug that a title asks for, or one beside it (<see cref="Slugs.Claim"/>).</summary>
    /// <exception cref="RefusedException"><c>slug_taken</c>: too many want the same at once.</exception>
    public static Task<string> Make(Db db, Guid postId, string title, CancellationToken ct) => Slugs.Claim(
        db, "content.slugs", Of(title),
        slug => db.ReadFirst($"insert into content.slugs (slug, post_id) values ({slug}, {postId}) on conflict do nothing returning slug", row => row.GetString(0), ct), ct);
}

/// <summary>Holds a slug that somebody chooses to small letters, digits and single hyphens between them, and to being nothing else in an address.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class SlugAttribute() : RegularExpressionAttribute("^[a-z0-9]+(-[a-z0-9]+)*$")
{
    /// <summary>Letters at the most.</summary>
    public const int Longest = 100;

    public override bool IsValid(object? value) => base.IsValid(value) && (value is not string slug || PostSlug.IsUsable(slug));
}
