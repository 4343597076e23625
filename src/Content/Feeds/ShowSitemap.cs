using Microsoft.AspNetCore.Http;

namespace Quitanda.Content.Feeds;

/// <summary>Gives out the addresses of all public pages for search engines (sitemaps.org), or an index of files where they are too many for one.</summary>
internal static class ShowSitemap
{
    public static Task<XmlFile> Handle(HttpContext http, SiteMap map, CancellationToken ct) => map.Whole(http, ct);
}
