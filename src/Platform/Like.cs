namespace Quitanda.Platform;

/// <summary>Patterns of SQL's <c>like</c>.</summary>
public static class Like
{
    /// <summary>The pattern that finds a text anywhere, whatever is in it.</summary>
    public static string Containing(string text) =>
        $"%{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
}
