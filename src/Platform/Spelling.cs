namespace Quitanda.Platform;

/// <summary>What words with a mistake in them were meant to be: words of what is searched that are a letter or two away.</summary>
public static class Spelling
{
    /// <summary>A shorter word is a letter away from half of all words.</summary>
    private const int ShortestForgiven = 4;

    /// <summary>From this length on, two mistakes are forgiven.</summary>
    private const int LongEnoughForTwo = 7;

    /// <summary>Words that are compared letter by letter with each word of the query.</summary>
    private const int ComparedAtMost = 40;

    private const int MeantAtMost = 5;

    /// <summary>The nearest words for each word that has some, the nearest first.</summary>
    public static async Task<Dictionary<string, string[]>> Meant(Db db, WantedWords wanted, CancellationToken ct)
    {
        var meant = new Dictionary<string, string[]>(StringComparer.Ordinal);
        // Another number is another thing.
        var words = wanted.All.Where(word => word.Length >= ShortestForgiven && !word.All(char.IsDigit)).ToArray();
        if (words.Length == 0)
            return meant;

        var near = new List<(string Word, string Other)>();
        // The index finds what shares some of its three-letter pieces, fewer than it would by itself: two letters in the wrong order break four of them.
        // The setting ends with this round trip.
        await db.ReadingRanked(
            [
                $"select set_config('pg_trgm.similarity_threshold', '0.2', true)",
                $"""
                select wanted.word, near.word from unnest({words}) as wanted (word)
                cross join lateral (select word, similarity(word, wanted.word) as likeness from {Sql.Raw(wanted.Schema)}.search_words
                    where word % wanted.word and word <> wanted.word order by likeness desc, word limit {ComparedAtMost}) near
                """,
            ],
            async reader =>
            {
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    near.Add((reader.GetString(0), reader.GetString(1)));
            }, ct);

        foreach (var group in near.GroupBy(pair => pair.Word, pair => pair.Other, StringComparer.Ordinal))
        {
            var forgiven = group.Key.Length >= LongEnoughForTwo ? 2 : 1;
            // The last word may be a beginning: then what stands behind it is no mistake.
            var isBegun = group.Key == wanted.All[^1];
            var nearest = group.Select(other => (Word: other, Mistakes: Mistakes(group.Key, other, isBegun))).Where(other => other.Mistakes <= forgiven)
                .OrderBy(other => other.Mistakes).Take(MeantAtMost).Select(other => other.Word).ToArray();
            if (nearest.Length > 0)
                meant.Add(group.Key, nearest);
        }

        return meant;
    }

    /// <summary>
    /// How many letters must be added, left out, replaced or swapped with their neighbour (optimal string alignment) to make one word of the other, or, where it may
    /// be only a beginning, a beginning of it.
    /// </summary>
    internal static int Mistakes(string word, string other, bool isBegun)
    {
        var (before, last, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var column = 0; column <= other.Length; column++)
            last[column] = column;
        for (var at = 1; at <= word.Length; at++)
        {
            row[0] = at;
            for (var column = 1; column <= other.Length; column++)
            {
                var replaced = last[column - 1] + (word[at - 1] == other[column - 1] ? 0 : 1);
                row[column] = Math.Min(replaced, Math.Min(last[column], row[column - 1]) + 1);
                if (at > 1 && column > 1 && word[at - 1] == other[column - 2] && word[at - 2] == other[column - 1])
                    row[column] = Math.Min(row[column], before[column - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return isBegun ? last.Min() : last[^1];
    }
}
