using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Quitanda.Platform.Errors;

/// <summary>
/// Exceptions without the values that came from people. It goes by shape: what is quoted, and what looks like an address, a number or a token.
/// A name that stands bare in a sentence cannot be told from a word, so messages of ours do not repeat what they were sent.
/// </summary>
internal static partial class Scrubbed
{
    /// <summary>Exceptions of a chain that are looked at.</summary>
    private const int DepthAtMost = 5;

    private const int MessageAtMost = 1000;
    private const int StackAtMost = 8000;

    /// <summary>The message of an exception and of those within it.</summary>
    public static string MessageOf(Exception error) =>
        Short(string.Join(" <- ", Chain(error).Select((one, depth) => depth == 0 ? Own(one) : $"{one.GetType().Name}: {Own(one)}")), MessageAtMost);

    /// <summary>Where it was thrown: types, methods and lines, and no messages.</summary>
    public static string StackOf(Exception error)
    {
        var text = new StringBuilder();
        foreach (var one in Chain(error))
            text.Append(text.Length > 0 ? "<- " : "").Append(one.GetType().FullName).Append('\n').Append(one.StackTrace is { Length: > 0 } stack ? Folder().Replace(stack, " in ") : "   (never thrown)").Append('\n');
        return Short(text.ToString().TrimEnd(), StackAtMost);
    }

    /// <summary>A sentence without what looks personal or secret.</summary>
    public static string Text(string text)
    {
        // Bounded first: what follows looks at every character several times.
        text = Short(text.ReplaceLineEndings(" "), 4 * MessageAtMost);
        text = Quoted().Replace(text, match => match.Groups["of"].Success ? match.Value : "'...'");
        text = EMail().Replace(text, "<email>");
        text = Id().Replace(text, "<id>");
        text = Token().Replace(text, "<token>");
        text = Number().Replace(text, "<number>");
        return Short(text, MessageAtMost);
    }

    private static IEnumerable<Exception> Chain(Exception error)
    {
        var depth = 0;
        for (var one = error; one is not null && depth < DepthAtMost; one = one.InnerException, depth++)
            yield return one;
    }

    private static string Own(Exception error) => error is PostgresException said
        // Its detail repeats whole rows; what it says beside that is the database's own words.
        ? $"{said.SqlState}: {Text(said.MessageText)}"
        : Text(error.Message);

    private static string Short(string text, int atMost) => text.Length <= atMost ? text : text[..(char.IsHighSurrogate(text[atMost - 1]) ? atMost - 1 : atMost)];

    // What names a part of the schema or of the program, rather than a value, stays.
    [GeneratedRegex("""(?<of>\b(constraint|relation|column|table|type|schema|index|sequence|function|operator|parameter|property|member|method|service|assembly) )?("[^"]*"|'[^']*'|`[^`]*`|‘[^’]*’|“[^”]*”)""", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[\w.+%-]+@[\w-]+(\.[\w-]+)*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EMail();

    [GeneratedRegex(@"\b[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex(@"\b(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}(\.[\w+/=-]+)*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex(@"\+?\d[\d ().:/-]{5,}\d", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@" in \S*[/\\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Folder();
}
