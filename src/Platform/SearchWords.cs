using System.Globalization;
using System.Text;

namespace Quitanda.Platform;

/// <summary>Text as it is searched: folded, and nothing but words of letters and digits, with single spaces between them.</summary>
public static class SearchWords
{
    /// <summary>Letters of the longest text that is searched in. Folding makes more of some letters; what is past this is not found.</summary>
    private const int LongestText = 6000;

    /// <summary>Letters of the longest name: it stands in an index that is read in its order.</summary>
    private const int LongestName = 200;

    /// <summary>Letters of the longest word that a mistake is looked for in.</summary>
    private const int LongestLearned = 40;

    /// <summary>Letters of the shortest word that a mistake is looked for in.</summary>
    public const int ShortestLearned = 3;

    /// <summary>The words of a name, 200 letters at the most.</summary>
    public static string OfName(string name) => Of(name, LongestName);

    /// <summary>The words of a text, 6000 letters at the most.</summary>
    public static string Of(string text) => Of(text, LongestText);

    /// <summary>The words of texts that others may have meant, each once, in the one order in which they are written, so that two who write them cannot deadlock.</summary>
    public static string[] Learned(params IEnumerable<string> texts) =>
        [.. texts.SelectMany(text => text.Split(' ')).Where(word => LengthOf(word) is >= ShortestLearned and <= LongestLearned).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The words of a text, as many letters as the caller says.</summary>
    public static string Of(string text, int longest)
    {
        var words = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in Folded.Of(text).EnumerateRunes())
        {
            if (words.Length + rune.Utf16SequenceLength > longest)
                break;
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpacingCombiningMark)
                words.Append(rune);
            else if (words.Length > 0 && words[^1] != ' ')
                words.Append(' ');
        }

        return words.ToString().TrimEnd();
    }

    // As the database counts them.
    private static int LengthOf(string word) => word.EnumerateRunes().Count();
}
