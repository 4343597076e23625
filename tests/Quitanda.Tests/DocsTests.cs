using System.Text.RegularExpressions;

namespace Quitanda.Tests;

/// <summary>What the pages show of the code is there. A block of a page that names a file, as in <c>```csharp examples/Loyalty/LoyaltyModule.cs</c>, must stand in that file, line by line.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public void Every_snippet_stands_in_the_file_that_it_names()
    {
        var snippets = Sources.Below("docs", "*.md").SelectMany(Snippets).ToList();
        Assert.True(snippets.Count >= 10, "The pages show less than they did.");
        Assert.Empty(snippets.SelectMany(snippet => Drifted(snippet, Text)));
    }

    [Fact]
    public void A_snippet_that_has_drifted_is_found()
    {
        SourceFile page = new("docs/a.md", "Text.\n\n```csharp src/A.cs\n    var one = 1;\n\n    var two = 2;\n```\n\n```\nno file\n```\n");
        var snippet = Assert.Single(Snippets(page));
        Assert.Empty(Drifted(snippet, _ => "class A\n{\n        var one = 1;\n\n        var two = 2;\n}\n"));
        Assert.Equal(["docs/a.md: src/A.cs has no such lines: var one = 1;"], Drifted(snippet, _ => "var one = 1;\nvar two = 2;\n"), StringComparer.Ordinal);
        Assert.Equal(["docs/a.md: src/A.cs is not there"], Drifted(snippet, _ => null), StringComparer.Ordinal);
    }

    private static IEnumerable<Snippet> Snippets(SourceFile page) => Block().Matches(page.Text).Select(block => new Snippet(page.Path, block.Groups["file"].Value, Lines(block.Groups["text"].Value)));

    private static IEnumerable<string> Drifted(Snippet snippet, Func<string, string?> textOf)
    {
        if (textOf(snippet.File) is not { } text)
            yield return $"{snippet.Page}: {snippet.File} is not there";
        else if (Lines(text) is var lines && !Enumerable.Range(0, lines.Length).Any(at => lines.AsSpan(at).StartsWith(snippet.Lines)))
            yield return $"{snippet.Page}: {snippet.File} has no such lines: {snippet.Lines[0]}";
    }

    private static string? Text(string path) => Path.Combine(Sources.Root, path) is var full && File.Exists(full) ? File.ReadAllText(full) : null;

    // How deep it stands is the file's own affair.
    private static string[] Lines(string text) => [.. text.TrimEnd().Split('\n').Select(line => line.Trim())];

    private sealed record Snippet(string Page, string File, string[] Lines);

    [GeneratedRegex(@"^```\w+ (?<file>\S+)\n(?<text>.*?)^```$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 5000)]
    private static partial Regex Block();
}
