using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform;

/// <summary>The readable part of an address, made from a name: <c>Pão de queijo</c> is <c>pao-de-queijo</c>.</summary>
public static class Slugs
{
    /// <summary>Digits of a number behind a slug, at the most, that is taken for a count: what is larger, somebody chose.</summary>
    public const int DigitsCounted = 4;

    /// <summary>Letters of a slug before its number.</summary>
    private const int Longest = 80;

    private const int Attempts = 5;

    /// <summary>The slug that a name asks for.</summary>
    /// <param name="name">The name.</param>
    /// <param name="otherwise">The slug where the name has no letter that can be in one; it goes before one that is not usable.</param>
    /// <param name="ours">What stands at the place of a slug in addresses of our own.</param>
    /// <param name="longest">Letters at the most.</param>
    public static string Of(string name, string otherwise, IReadOnlySet<string> ours, int longest = Longest)
    {
        var slug = new StringBuilder(longest);
        foreach (var letter in Folded.Of(name))
        {
            if (slug.Length == longest)
                break;
            if (char.IsAsciiLetterOrDigit(letter))
                slug.Append(letter);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var made = slug.ToString().TrimEnd('-');
        return made.Length == 0 ? otherwise : IsUsable(made, ours) ? made : $"{otherwise}-{made}";
    }

    /// <summary>Whether an address can end in it: what can be read as an id would be looked for as one.</summary>
    public static bool IsUsable(string slug, IReadOnlySet<string> ours) => !ours.Contains(slug) && !Guid.TryParse(slug, out _);

    /// <summary>
    /// Inserts under the slug that was asked for, or with <c>-2</c>, <c>-3</c> and so on after it; where that does not go either, with letters that nobody can have foreseen: the unique index
    /// decides which is free.
    /// </summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="table">The table, with its schema, whose column <c>slug</c> sorts by bytes.</param>
    /// <param name="wanted">The slug without a number.</param>
    /// <param name="insert">Inserts under a slug, <c>on conflict do nothing</c>, and gives null where there was one.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException"><c>slug_taken</c>: too many want the same at once.</exception>
    public static async Task<T> Claim<T>(Db db, string table, string wanted, Func<string, Task<T?>> insert, CancellationToken ct) where T : class
    {
        if (await insert(wanted) is { } first)
            return first;

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // Those who want the same slug come one after the other, so that each finds the number after the last one's.
            var next = 2L;
            var (from, to) = ($"{wanted}-", $"{wanted}.");
            await db.Reading(
                [
                    $"select pg_advisory_xact_lock(hashtextextended({table + wanted}, 0))",
                    $"""
                    select coalesce(max(substr(slug, {from.Length + 1})::bigint), 1) + 1 from {Sql.Raw(table)}
                    where slug >= {from} and slug < {to} and length(slug) <= {from.Length + DigitsCounted} and substr(slug, {from.Length + 1}) ~ '^[1-9][0-9]*$'
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
