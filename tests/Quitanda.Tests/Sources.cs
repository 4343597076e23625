using System.Text.RegularExpressions;

namespace Quitanda.Tests;

/// <summary>The repository's own files, for the guards that read them.</summary>
internal static class Sources
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Every file of ours below <paramref name="folder"/>, as its path from the root and its text.</summary>
    public static IReadOnlyList<SourceFile> Below(string folder, string pattern) =>
    [
        .. from path in Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
           let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
           where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal) && !relative.Contains("/node_modules/", StringComparison.Ordinal)
           select new SourceFile(relative, File.ReadAllText(path)),
    ];

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Quitanda.slnx")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository."));
}

/// <summary>One file.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Text">What it says.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The module it belongs to: the folder below <c>src</c>.</summary>
    public string Module => Path.Split('/')[1];

    /// <summary>The code without comments and without what stands in string literals.</summary>
    public string Code => Silent().Replace(Text, match => match.Value[0] == '/' ? " " : "\"\"");

    /// <summary>What stands in string literals and in SQL files.</summary>
    public IEnumerable<string> Literals => Path.EndsWith(".sql", StringComparison.Ordinal) ? [Text] : Silent().Matches(Text).Where(match => match.Value[0] != '/').Select(match => match.Value);

    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|//[^\\n]*|/\\*[\\s\\S]*?\\*/|@\"(?:[^\"]|\"\")*\"|\"(?:[^\"\\\\\\n]|\\\\.)*\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Silent();
}
