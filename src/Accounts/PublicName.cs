using System.Globalization;
using System.Text;

namespace Quitanda.Accounts;

/// <summary>What somebody is called where anyone can read it: a first name and an initial, and never more.</summary>
public static class PublicName
{
    /// <summary>The tag of every answer that shows this user's public name.</summary>
    public static string Tag(Guid userId) => $"public-name:{userId}";

    /// <summary>
    /// <c>Ana S.</c> The first word of the first name, or else of the name, up to the first character that no name has: what stands in for a name may be the beginning of an
    /// e-mail address or of a wallet's. Null where that leaves nothing.
    /// </summary>
    internal static string? Of(string name, string? firstName, string? lastName)
    {
        var words = name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var first = Letters(Word(firstName) ?? (words.Length > 0 ? words[0] : ""));
        if (first.Length == 0)
            return null;
        var last = Letters(Word(lastName) ?? (words.Length > 1 ? words[^1] : ""));
        return last.Length == 0 ? first : $"{first} {StringInfo.GetNextTextElement(last).ToUpperInvariant()}.";
    }

    private static string? Word(string? name) => name?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var word, ..] ? word : null;

    /// <summary>The letters that a word begins with, and what stands between letters in names.</summary>
    private static string Letters(string word)
    {
        var (end, isLetter) = (0, false);
        foreach (var rune in word.EnumerateRunes())
        {
            var between = rune.Value is '\'' or '’' or '-';
            // A name begins with a letter; so does each of its parts.
            if (!(Rune.IsLetter(rune) || (isLetter && (between || IsMark(rune)))))
                break;
            isLetter = !between;
            end += rune.Utf16SequenceLength;
        }

        return word[..end].TrimEnd('\'', '’', '-');
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
