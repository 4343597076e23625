using System.Globalization;
using System.Text;

namespace Quitanda.Platform;

/// <summary>Text without its accents, case and other looks, so that what reads alike is alike.</summary>
public static class Folded
{
    private const int SortedBy = 200;

    // What decomposing leaves whole, though people type it with plain letters.
    private static readonly Dictionary<int, string> Plain = new()
    {
        ['ß'] = "ss",
        ['ẞ'] = "ss",
        ['æ'] = "ae",
        ['Æ'] = "ae",
        ['œ'] = "oe",
        ['Œ'] = "oe",
        ['ø'] = "o",
        ['Ø'] = "o",
        ['ł'] = "l",
        ['Ł'] = "l",
        ['đ'] = "d",
        ['Đ'] = "d",
        ['ð'] = "d",
        ['Ð'] = "d",
        ['þ'] = "th",
        ['Þ'] = "th",
        ['ı'] = "i",
    };

    /// <summary>The folded text: lower case, no accents, single spaces, none at the ends.</summary>
    public static string Of(string text)
    {
        // Normalizing refuses what is not text; the runes of a string are, and U+FFFE is the one of them it does not take.
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value != 0xFFFE)
                whole.Append(rune);

        var folded = new StringBuilder(text.Length);
        foreach (var rune in whole.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
                Space(folded);
            else if (Plain.TryGetValue(rune.Value, out var plain))
                folded.Append(plain);
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                folded.Append(Rune.ToLowerInvariant(rune));
        return folded.ToString().TrimEnd().Normalize(NormalizationForm.FormC);
    }

    /// <summary>A name as it is sorted by. Bounded, because a cursor carries it: a few letters fold to many.</summary>
    public static string ForSorting(string name)
    {
        var folded = Of(name);
        if (folded.Length <= SortedBy)
            return folded;
        return folded[..(char.IsHighSurrogate(folded[SortedBy - 1]) ? SortedBy - 1 : SortedBy)];
    }

    private static void Space(StringBuilder folded)
    {
        if (folded.Length > 0 && folded[^1] != ' ')
            folded.Append(' ');
    }
}
