using System.Text;

namespace Quitanda.Booking.Calendars;

/// <summary>One line of an iCalendar object (RFC 5545, 3.1), of which only these two parameters are looked at.</summary>
/// <param name="Name">In capitals.</param>
/// <param name="Zone">What <c>TZID</c> says.</param>
/// <param name="Type">What <c>VALUE</c> says, in capitals.</param>
/// <param name="Value">As it stands.</param>
internal sealed record ContentLine(string Name, string? Zone, string? Type, string Value)
{
    /// <summary>Octets of a line at the most, its end not counted.</summary>
    private const int OctetsAtMost = 75;

    /// <summary>All lines of a text, those that were folded made whole. What is no line at all is passed over.</summary>
    public static IEnumerable<ContentLine> Read(string text)
    {
        var whole = new StringBuilder();
        foreach (var physical in text.Split('\n'))
        {
            var line = physical.TrimEnd('\r');
            if (line is [' ' or '\t', ..])
            {
                whole.Append(line, 1, line.Length - 1);
                continue;
            }

            if (Parse(whole.ToString()) is { } read)
                yield return read;
            whole.Clear().Append(line);
        }

        if (Parse(whole.ToString()) is { } last)
            yield return last;
    }

    /// <summary>Adds a line and its end, folded so that no line is too long and no letter is torn.</summary>
    public static void Append(StringBuilder to, string line)
    {
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > OctetsAtMost)
            {
                to.Append("\r\n ");
                octets = 1;
            }

            to.Append(rune);
            octets += rune.Utf8SequenceLength;
        }

        to.Append("\r\n");
    }

    /// <summary>A text as a value (RFC 5545, 3.3.11). Characters that have no place in one are left out.</summary>
    public static string Text(string text)
    {
        var value = new StringBuilder(text.Length);
        foreach (var letter in text.ReplaceLineEndings("\n"))
            value.Append(letter switch
            {
                '\\' or ';' or ',' => $"\\{letter}",
                '\n' => "\\n",
                _ when char.IsControl(letter) => "",
                _ => letter.ToString(),
            });
        return value.ToString();
    }

    private static ContentLine? Parse(string line)
    {
        var at = line.AsSpan().IndexOfAny(';', ':');
        if (at <= 0)
            return null;
        var name = line[..at].ToUpperInvariant();
        string? zone = null, type = null;
        while (at < line.Length && line[at] == ';')
        {
            var equals = line.IndexOf('=', at);
            if (equals < 0)
                return null;
            var parameter = line[(at + 1)..equals];
            at = equals + 1;
            var value = ParameterAt(line, ref at);
            // Of several values the first; none of those that are looked at has several.
            while (at < line.Length && line[at] == ',')
            {
                at++;
                ParameterAt(line, ref at);
            }

            if (parameter.Equals("TZID", StringComparison.OrdinalIgnoreCase))
                zone = value;
            else if (parameter.Equals("VALUE", StringComparison.OrdinalIgnoreCase))
                type = value.ToUpperInvariant();
        }

        return at < line.Length && line[at] == ':' ? new(name, zone, type, line[(at + 1)..]) : null;
    }

    private static string ParameterAt(string line, ref int at)
    {
        var begins = at;
        if (at < line.Length && line[at] == '"')
        {
            var ends = line.IndexOf('"', at + 1);
            at = ends < 0 ? line.Length : ends + 1;
            return ends < 0 ? "" : line[(begins + 1)..ends];
        }

        var length = line.AsSpan(at).IndexOfAny(';', ':', ',');
        at = length < 0 ? line.Length : at + length;
        return line[begins..at];
    }
}
