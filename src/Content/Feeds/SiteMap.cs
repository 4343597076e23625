using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Content.Feeds;

/// <summary>What search engines should know of (sitemaps.org), from every module that has such pages.</summary>
internal sealed class SiteMap(Db db, IEnumerable<ISitemapSource> sources, Addresses addresses, IOptions<ContentSettings> settings, Shown shown)
{
    private const string Namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";

    private int UrlsAtMost => settings.Value.SitemapUrls;

    /// <summary>All pages in one file; where they are too many, an index of files.</summary>
    public async Task<XmlFile> Whole(HttpContext http, CancellationToken ct)
    {
        var counted = new List<(ISitemapSource Source, long Count)>();
        foreach (var source in sources)
            counted.Add((source, await source.Count(db, ct)));
        if (counted.Sum(one => one.Count) <= UrlsAtMost)
        {
            List<(ISitemapSource, SitemapPage)> pages = [];
            foreach (var (source, _) in counted)
                pages.AddRange((await source.Read(db, 0, UrlsAtMost - pages.Count, ct)).Select(page => (source, page)));
            return Urls(http, pages, [.. counted.Select(one => one.Source)]);
        }

        Remember([.. counted.Select(one => one.Source)]);
        return new(XmlFile.Write(xml =>
        {
            xml.WriteStartElement("sitemapindex", Namespace);
            foreach (var (source, count) in counted)
                for (var page = 1L; page <= (count + UrlsAtMost - 1) / UrlsAtMost; page++)
                {
                    xml.WriteStartElement("sitemap", Namespace);
                    xml.WriteElementString("loc", Namespace, string.Create(CultureInfo.InvariantCulture, $"{addresses.Base(http)}/sitemaps/{source.Name}/{page}.xml"));
                    xml.WriteEndElement();
                }

            xml.WriteEndElement();
        }), XmlFile.Plain);
    }

    /// <summary>One file of one kind of pages; null where there is none.</summary>
    public async Task<XmlFile?> Page(HttpContext http, string name, int page, CancellationToken ct)
    {
        if (page < 1 || sources.FirstOrDefault(source => source.Name == name) is not { } source)
            return null;
        var pages = await source.Read(db, (page - 1L) * UrlsAtMost, UrlsAtMost, ct);
        return pages.Count == 0 ? null : Urls(http, [.. pages.Select(one => (source, one))], [source]);
    }

    private XmlFile Urls(HttpContext http, List<(ISitemapSource Source, SitemapPage Page)> pages, ISitemapSource[] shownOf)
    {
        Remember(shownOf);
        return new(XmlFile.Write(xml =>
        {
            xml.WriteStartElement("urlset", Namespace);
            foreach (var (source, page) in pages)
            {
                xml.WriteStartElement("url", Namespace);
                xml.WriteElementString("loc", Namespace, XmlFile.Text(addresses.Page(http, source.Template, source.Name, page.Id, page.Slug)));
                xml.WriteElementString("lastmod", Namespace, XmlFile.Instant(page.UpdatedAt));
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }), XmlFile.Plain);
    }

    private void Remember(ISitemapSource[] shownOf)
    {
        foreach (var source in shownOf)
            shown.Tag(source.Tag);
        if (!addresses.AreKnown)
            shown.KeepNothing();
    }
}
