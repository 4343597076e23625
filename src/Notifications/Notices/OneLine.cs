using System.Text;

namespace Quitanda.Notifications.Notices;

/// <summary>Somebody's words as a part of one line.</summary>
internal static class OneLine
{
    /// <summary>The text without line breaks and without what does not show.</summary>
    public static string Of(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        return line.ToString().Trim();
    }
}
