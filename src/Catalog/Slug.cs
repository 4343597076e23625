using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>The readable part of the address of a product or a category.</summary>
internal static class Slug
{
    /// <summary>What stands at the place of a slug in addresses of our own.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { "search", "export", "import", "imports", "prices" };

    /// <inheritdoc cref="Slugs.Of"/>
    public static string Of(string name, string otherwise) => Slugs.Of(name, otherwise, Ours);

    /// <inheritdoc cref="Slugs.IsUsable"/>
    public static bool IsUsable(string slug) => Slugs.IsUsable(slug, Ours);
}
