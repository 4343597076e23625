using System.ComponentModel.DataAnnotations;

namespace Quitanda.Platform;

/// <summary>
/// Pages of one kind that search engines should know of: posts, products, listings. The module that owns them implements this; who serves the site map knows none of them.
/// Every call reads only what anyone may see.
/// </summary>
public interface ISitemapSource
{
    /// <summary>Its name in addresses of the site map: <c>posts</c>. Never rename one.</summary>
    string Name { get; }

    /// <summary>The tag of answers that show any of them, by which the site map is forgotten.</summary>
    string Tag { get; }

    /// <summary>Where their pages live in the front end, a template of <see cref="PageAddressAttribute"/>; empty where there is none.</summary>
    string Template { get; }

    /// <summary>How many there are.</summary>
    Task<long> Count(Db db, CancellationToken ct);

    /// <summary>Some of them, in the order of their ids.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="skip">So many are passed over.</param>
    /// <param name="take">So many at the most.</param>
    /// <param name="ct">Stops waiting.</param>
    Task<IReadOnlyList<SitemapPage>> Read(Db db, long skip, int take, CancellationToken ct);
}

/// <summary>One page of a site map.</summary>
/// <param name="Id">What it shows.</param>
/// <param name="Slug">Its readable name; null where it has none.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record SitemapPage(Guid Id, string? Slug, DateTimeOffset UpdatedAt);

/// <summary>
/// A setting that says where a page lives in the front end: <c>https://shop.example/posts/{slug}</c>, with <c>{slug}</c> or <c>{id}</c> in it once, and not in the host; or nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PageAddressAttribute() : ValidationAttribute("The setting {0} must be empty or an address such as https://shop.example/posts/{{slug}}.")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null or "" || (value is string { Length: <= 500 } template && Parts(template) == 1
        && Uri.TryCreate(Fill(template, Guid.Empty, "x"), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        && address.Host == new Uri(Fill(template, Guid.AllBitsSet, "y")).Host && address.UserInfo.Length == 0);

    /// <summary>The address of one page.</summary>
    /// <param name="template">As it was set.</param>
    /// <param name="id">What the page shows.</param>
    /// <param name="slug">Its readable name; its id stands for it where it has none.</param>
    public static string Fill(string template, Guid id, string? slug) => template
        .Replace("{slug}", Uri.EscapeDataString(slug ?? id.ToString()), StringComparison.Ordinal).Replace("{id}", id.ToString(), StringComparison.Ordinal);

    private static int Parts(string template) => template.Split("{slug}").Length + template.Split("{id}").Length - 2;
}
