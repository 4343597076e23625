using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Content.Feeds;

/// <summary>Gives out one file of the site map: addresses of posts, products or listings.</summary>
internal static class ShowSitemapFile
{
    public static async Task<Results<XmlFile, NotFound>> Handle(string name, int page, HttpContext http, SiteMap map, CancellationToken ct) =>
        await map.Page(http, name, page, ct) is { } file ? file : TypedResults.NotFound();
}
