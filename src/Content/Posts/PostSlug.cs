using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>The readable part of a post's address, made from its title: <c>Pão de queijo</c> is <c>pao-de-queijo</c>. A post keeps all it ever had.</summary>
internal static class PostSlug
{
    /// <summary>Letters of a slug that a title makes, before its number; one that somebody chooses may be longer.</summary>
    private const int LongestMade = 80;

    private const string Otherwise = "post";

    private const int Attempts = 5;

    /// <summary>Slugs of one post, the ones it had among them: each is taken from everybody else for good.</summary>
    private const int AtMost = 50;

    /// <summary>What stands at the place of a slug in addresses of our own.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { "mine", "search" };

    /// <summary>The slug that a title asks for.</summary>
    public static string Of(string title)
    {
        var slug = new StringBuilder(LongestMade);
        foreach (var letter in Folded.Of(title))
        {
            if (slug.Length == LongestMade)
                break;
            if (char.IsAsciiLetterOrDigit(letter))
                slug.Append(letter);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var made = slug.ToString().TrimEnd('-');
        return made.Length == 0 ? Otherwise : IsUsable(made) ? made : $"{Otherwise}-{made}";
    }

    /// <summary>Whether an address can end in it: what can be read as an id would be looked for as one.</summary>
    public static bool IsUsable(string slug) => !Ours.Contains(slug) && !Guid.TryParse(slug, out _);

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

    /// <summary>Takes the slug that a title asks for, or with <c>-2</c>, <c>-3</c> and so on after it; where that does not go either, with letters that nobody can have foreseen.</summary>
    /// <exception cref="RefusedException"><c>slug_taken</c>: too many want the same at once.</exception>
    public static async Task<string> Make(Db db, Guid postId, string title, CancellationToken ct)
    {
        var wanted = Of(title);
        if (await Insert(wanted))
            return wanted;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // Those who want the same slug come one after the other, so that each finds the number after the last one's. Numbers of five digits and more are nobody's count: somebody chose them.
            var next = 2L;
            var (from, to) = ($"{wanted}-", $"{wanted}.");
            await db.Reading(
                [
                    $"select pg_advisory_xact_lock(hashtextextended({"content.slugs " + wanted}, 0))",
                    $"""
                    select coalesce(max(substr(slug, {from.Length + 1})::bigint), 1) + 1 from content.slugs
                    where slug >= {from} and slug < {to} and substr(slug, {from.Length + 1}) ~ '^[1-9][0-9]{Sql.Raw("{0,3}")}$'
                    """,
                ],
                async reader =>
                {
                    await reader.NextResultAsync(CancellationToken.None);
                    await reader.ReadAsync(CancellationToken.None);
                    next = reader.GetInt64(0);
                }, ct);
            if (await Insert($"{wanted}-{next}"))
                return $"{wanted}-{next}";
            // What others chose may stand where the count goes on, for good.
            var apart = $"{wanted}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
            if (await Insert(apart))
                return apart;
        }

        throw new RefusedException("slug_taken", "Too many posts of this title are being made at once; try again.");

        Task<bool> Insert(string slug) => db.ReadFirst($"insert into content.slugs (slug, post_id) values ({slug}, {postId}) on conflict do nothing returning true", row => row.GetBoolean(0), ct);
    }
}

/// <summary>Holds a slug that somebody chooses to small letters, digits and single hyphens between them, and to being nothing else in an address.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class SlugAttribute() : RegularExpressionAttribute("^[a-z0-9]+(-[a-z0-9]+)*$")
{
    /// <summary>Letters at the most.</summary>
    public const int Longest = 100;

    public override bool IsValid(object? value) => base.IsValid(value) && (value is not string slug || PostSlug.IsUsable(slug));
}
