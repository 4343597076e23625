using System.Globalization;
using System.Text;
using Microsoft.Net.Http.Headers;
using Quitanda.Files.Formats;

namespace Quitanda.Files.Files;

/// <summary>What a file is called when somebody saves it. Never part of a path of ours.</summary>
internal static class FileName
{
    /// <summary>Characters of a name before its ending.</summary>
    private const int Longest = 120;

    private const string Nameless = "file";

    /// <summary>What some system or other takes for a device, whatever stands behind the dot.</summary>
    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CLOCK$", .. Enumerable.Range(0, 20).Select(n => (n < 10 ? "COM" : "LPT") + n % 10)], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The last part of a name that was sent, without what no name should have (control characters, those that turn the direction of writing or are not seen,
    /// and what a path or a shell takes for its own), with the ending of what the file is.
    /// </summary>
    public static string Clean(string? sent, FileFormat format)
    {
        var stem = Stem(sent ?? "");
        var ending = format.Extensions.FirstOrDefault(extension => stem.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        stem = Cut((ending is null ? stem : stem[..^ending.Length]).Trim(' ', '.')).TrimEnd(' ', '.');
        if (stem.Length == 0)
            stem = Nameless;
        return Devices.Contains(stem.Split('.')[0].Trim()) ? $"_{stem}{ending ?? format.Extensions[0]}" : stem + (ending ?? format.Extensions[0]);
    }

    /// <summary>The header that says what to do with the bytes (RFC 6266, names in RFC 8187): images may be shown, everything else is saved.</summary>
    public static string Disposition(string name, FileFormat format)
    {
        var disposition = new ContentDispositionHeaderValue(format.IsImage ? "inline" : "attachment");
        disposition.SetHttpFileName(name);
        return disposition.ToString();
    }

    private static string Stem(string sent)
    {
        var last = sent[(sent.LastIndexOfAny(['/', '\\']) + 1)..];
        var kept = new StringBuilder(last.Length);
        foreach (var rune in last.EnumerateRunes())
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    break;
                case UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator:
                    kept.Append(' ');
                    break;
                default:
                    kept.Append(rune.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*' or '%' or 0xFFFD ? new Rune('_') : rune);
                    break;
            }

        return kept.ToString().Normalize(NormalizationForm.FormC).TrimEnd(' ', '.');
    }

    private static string Cut(string stem)
    {
        if (stem.Length <= Longest)
            return stem;
        return stem[..(char.IsHighSurrogate(stem[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
