using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Content;

/// <summary>Settings of posts and comments. Section <c>Content</c>.</summary>
public sealed record ContentSettings
{
    /// <summary>Who may write posts: <c>customer</c> is everybody who is signed in; <c>owner</c>, <c>staff</c> and <c>moderator</c> are those with that role. Moderators and admins always may.</summary>
    [Required, AllowedValues("customer", "owner", "staff", "moderator")]
    public string Writers { get; init; } = "customer";

    /// <summary>Posts that a person may send in an hour, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int PostsPerHour { get; init; } = 30;

    /// <summary>Comments that a person may send in an hour, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int CommentsPerHour { get; init; } = 60;

    /// <summary>Changes of posts and comments that a person may send in an hour, publishing, taking back and restoring among them, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int ChangesPerHour { get; init; } = 600;

    /// <summary>Reports that a person may send in an hour, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int ReportsPerHour { get; init; } = 30;

    /// <summary>Whether comments are looked at by a moderator before anybody else sees them.</summary>
    public bool ApproveComments { get; init; }

    /// <summary>Texts of a post before the present one that are kept; the oldest go.</summary>
    [Range(1, 10_000)]
    public int RevisionsKept { get; init; } = 100;

    /// <summary>Seconds after which a process writes down the views it has counted.</summary>
    [Range(1, 3600)]
    public int ViewSeconds { get; init; } = 5;

    /// <summary>
    /// Where a post lives in the front end, such as <c>https://shop.example/posts/{slug}</c>, with <c>{slug}</c> or <c>{id}</c> in it: for the feed and the site map, and whose links are not outside.
    /// Empty takes the API's own address.
    /// </summary>
    [PageAddress]
    public string PostUrl { get; init; } = "";

    /// <summary>
    /// What stands before the API's own paths in the feed and the site map, such as <c>https://api.shop.example</c>. Empty takes the address that a request was sent to; then neither is kept in memory.
    /// </summary>
    [RegularExpression("^(https?://[^\\s?#]+[^\\s?#/])?$")]
    public string BaseUrl { get; init; } = "";

    /// <summary>Addresses in one file of the site map. Where there are more, <c>/sitemap.xml</c> is an index of files. A file of more than a sixteenth of <c>Cache:MegaBytes</c> is not kept in memory.</summary>
    [Range(1, 50_000)]
    public int SitemapUrls { get; init; } = 20_000;

    /// <summary>The role that a person needs to write posts.</summary>
    internal Roles WritersRole() => Enum.Parse<Roles>(Writers, ignoreCase: true);
}
