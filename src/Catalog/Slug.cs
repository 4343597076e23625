using System.Security.Cryptography;
using System.Text;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>The readable part of an address, made from a name: <c>Pão de queijo</c> is <c>pao-de-queijo</c>.</summary>
internal static class Slug
{
    /// <summary>Letters of a slug before its number.</summary>
    private const int Longest = 80;

    private const int Attempts = 5;

    /// <summary>What stands at the place of a slug in addresses of our own.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { "search", "export", "import", "imports", "prices" };

    /// <summary>The slug that a name asks for; <paramref name="otherwise"/> where the name has no letter that can be in one.</summary>
    public static string Of(string name, string otherwise)
    {
        var slug = new StringBuilder(Longest);
        foreach (var letter in Folded.Of(name))
        {
            if (slug.Length == Longest)
                break;
            if (char.IsAsciiLetterOrDigit(letter))
                slug.Append(letter);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var made = slug.ToString().TrimEnd('-');
        return made.Length == 0 ? otherwise : IsUsable(made) ? made : $"{otherwise}-{made}";
    }

    /// <summary>Whether an address can end in it: what can be read as an id would be looked for as one.</summary>
    public static bool IsUsable(string slug) => !Ours.Contains(slug) && !Guid.TryParse(slug, out _);

    /// <summary>
    /// Inserts under the slug that was asked for, or with <c>-2</c>, <c>-3</c> and so on after it; where that does not go either, with letters that nobody can have foreseen: the unique index
    /// decides which is free.
    /// </summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="table">The table, with its schema, whose column <c>slug</c> sorts by bytes.</param>
    /// <param name="wanted">The slug without a number.</param>
    /// <param name="insert">Inserts under a slug, <c>on conflict do nothing</c>, and gives null where there was one.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task<T> Claim<T>(Db db, string table, string wanted, Func<string, Task<T?>> insert, CancellationToken ct) where T : class
    {
        if (await insert(wanted) is { } first)
            return first;

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // Those who want the same slug come one after the other, so that each finds the number after the last one's. Numbers of five digits and more are nobody's count: a name ended in them.
            var next = 2L;
            var (from, to) = ($"{wanted}-", $"{wanted}.");
            await db.Reading(
                [
                    $"select pg_advisory_xact_lock(hashtextextended({table + wanted}, 0))",
                    $"""
                    select coalesce(max(substr(slug, {from.Length + 1})::bigint), 1) + 1 from {Sql.Raw(table)}
                    where slug >= {from} and slug < {to} and substr(slug, {from.Length + 1}) ~ '^[1-9][0-9]{Sql.Raw("{0,3}")}$'
                    """,
                ],
                async reader =>
                {
                    await reader.NextResultAsync(CancellationToken.None);
                    await reader.ReadAsync(CancellationToken.None);
                    next = reader.GetInt64(0);
                }, ct);
            if (await insert($"{wanted}-{next}") is { } made)
                return made;
            // What is called so may stand where the count goes on, for good.
            if (await insert($"{wanted}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}") is { } apart)
                return apart;
        }

        throw new RefusedException("slug_taken", "Too many things of this name are being made at once; try again.");
    }
}
