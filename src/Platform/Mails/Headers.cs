using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Quitanda.Platform.Mails;

/// <summary>What may stand in a header of a mail.</summary>
internal static partial class Headers
{
    /// <summary>Characters of a subject at the most; more is cut.</summary>
    public const int SubjectAtMost = 200;

    /// <summary>Characters of a name at the most; more is cut.</summary>
    public const int NameAtMost = 100;

    /// <summary>Whether it is an address a mail can go to: the HTML standard's rule for e-mail addresses, and the length of RFC 5321.</summary>
    public static bool IsAddress(string text) => text.Length is >= 3 and <= 254 && Address().IsMatch(text);

    /// <summary>Whether a text would end its header and begin another.</summary>
    public static bool HasBreak(string text) => text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0;

    /// <summary>A text as it may stand in a header: one line, without characters that do not show, and not endless.</summary>
    /// <exception cref="PermanentFailureException">It has a line break: somebody wants a header of their own.</exception>
    public static string Line(string text, int atMost)
    {
        if (HasBreak(text))
            throw new PermanentFailureException("A header of the mail would have a line break.");
        var line = new StringBuilder(Math.Min(text.Length, atMost));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > atMost)
                break;
            line.Append(IsShown(rune) ? rune.ToString() : " ");
        }

        return line.ToString().Trim();
    }

    /// <summary>What tells a mail program how its reader asks for no more of a kind by one click (RFC 2369, RFC 8058); nothing where they cannot.</summary>
    public static IEnumerable<(string Name, string Value)> OfExit(MailExit? exit) => exit?.OneClick is not { } address ? [] :
        [("List-Unsubscribe", $"<{address.AbsoluteUri}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")];

    private static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format or UnicodeCategory.Surrogate);

    [GeneratedRegex(@"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
