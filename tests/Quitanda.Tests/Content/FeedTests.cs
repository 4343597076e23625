using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

public sealed class FeedTests(FeedTests.App app) : IClassFixture<FeedTests.App>
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace Map = "http://www.sitemaps.org/schemas/sitemap/0.9";

    [Fact]
    public async Task The_feed_is_valid_escaped_and_kept_until_it_shows_something_else()
    {
        var person = await app.Insert();
        var author = app.As(person);
        var word = Writing.NewTitle("marca").Replace(" ", "", StringComparison.Ordinal);
        var post = await author.PublishNew("<b>&\" ]]> título \ufffe", "Olá <script>alert(1)</script> & [eu](/x) ]]> \u0001", [word]);
        var draft = await author.Write("Ninguém vê", tags: [word]);

        var answer = await app.Guest.Get("/feed.xml");
        Assert.Equal((HttpStatusCode.OK, "application/atom+xml; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        var feed = XDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
        Assert.Equal(Atom + "feed", feed.Name);
        Assert.All((string[])["id", "title", "updated", "author"], name => Assert.Single(feed.Elements(Atom + name)));
        Assert.Equal("https://api.example/feed.xml", feed.Elements(Atom + "link").Single(link => link.Attribute("rel")!.Value == "self").Attribute("href")!.Value);
        var entry = feed.Elements(Atom + "entry").Single(one => one.Element(Atom + "id")!.Value == $"urn:uuid:{post.Id()}");
        Assert.Equal("<b>&\" ]]> título ", entry.Element(Atom + "title")!.Value);
        Assert.Equal($"https://shop.example/p/{post.Text("slug")}", entry.Element(Atom + "link")!.Attribute("href")!.Value);
        Assert.Contains("&lt;script&gt;", entry.Element(Atom + "content")!.Value, StringComparison.Ordinal);
        Assert.Equal((word, word), (entry.Element(Atom + "category")!.Attribute("term")!.Value, entry.Element(Atom + "category")!.Attribute("label")!.Value));
        foreach (var time in feed.Descendants().Where(element => element.Name.LocalName is "updated" or "published"))
            Assert.True(DateTimeOffset.TryParseExact(time.Value, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
        Assert.DoesNotContain(draft.Id().ToString(), feed.ToString(), StringComparison.Ordinal);

        // The same for good, wherever it is read and whatever host is named.
        var (tag, changed, id) = (answer.Headers.ETag!, answer.Content.Headers.LastModified!.Value, feed.Element(Atom + "id")!.Value);
        Assert.Equal(HttpStatusCode.NotModified, (await app.Guest.GetUnless("/feed.xml", tag)).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await app.Guest.Send(HttpMethod.Get, "/feed.xml", json: null, ("If-Modified-Since", changed.ToString("R", CultureInfo.InvariantCulture)))).StatusCode);
        Assert.Equal(tag, (await app.Guest.Send(HttpMethod.Get, "/feed.xml", json: null, ("Host", "evil.example"))).Headers.ETag);

        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await (await author.Patch($"/api/v1/posts/{post.Id()}", new { title = "Outro" })).Body();
        var again = await app.Guest.GetUnless("/feed.xml", tag);
        Assert.Equal((HttpStatusCode.OK, changed.AddSeconds(2)), (again.StatusCode, again.Content.Headers.LastModified!.Value));

        var ofTag = XDocument.Parse(await (await app.Guest.Get($"/feed.xml?tag={word}")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
        Assert.Single(ofTag.Elements(Atom + "entry"));
        Assert.NotEqual(id, ofTag.Element(Atom + "id")!.Value, StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get("/feed.xml?tag=nada")).StatusCode);
    }

    [Fact]
    public async Task The_site_map_has_posts_products_and_listings_and_is_an_index_where_they_are_many()
    {
        var author = await app.Customer();
        var (post, draft) = (await author.PublishNew(), await author.Write());
        var staff = await app.Staff();
        var product = await staff.AddProduct((await staff.AddCategory()).Id());
        var listing = await app.Listing((await app.Owner()).Id);
        for (var number = 0; number < 6; number++)
            await author.PublishNew();

        var whole = await Xml("/sitemap.xml");
        Assert.Equal(Map + "sitemapindex", whole.Name);
        var files = whole.Descendants(Map + "loc").Select(loc => loc.Value).ToList();
        Assert.Contains("https://api.example/sitemaps/posts/2.xml", files, StringComparer.Ordinal);
        List<string> places = [];
        foreach (var file in files)
        {
            var set = await Xml(new Uri(file).PathAndQuery);
            Assert.Equal(Map + "urlset", set.Name);
            Assert.InRange(set.Elements().Count(), 1, 5);
            places.AddRange(set.Descendants(Map + "loc").Select(loc => loc.Value));
        }

        Assert.Equal(places.Count, places.Distinct(StringComparer.Ordinal).Count());
        Assert.Contains($"https://shop.example/p/{post.Text("slug")}", places, StringComparer.Ordinal);
        Assert.Contains($"https://shop.example/produtos/{product.Id()}", places, StringComparer.Ordinal);
        Assert.Contains($"https://api.example/api/v1/listings/{listing.Id}", places, StringComparer.Ordinal);
        Assert.DoesNotContain(places, place => place.Contains(draft.Text("slug"), StringComparison.Ordinal));
        foreach (var nothing in (string[])["/sitemaps/posts/99.xml", "/sitemaps/posts/0.xml", "/sitemaps/users/1.xml"])
            Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get(nothing)).StatusCode);

        await using var other = await app.StartBeside(("Content:SitemapUrls", "50000"));
        var one = XDocument.Parse(await (await other.ClientFor(app.Guest).Get("/sitemap.xml")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
        Assert.Equal(Map + "urlset", one.Name);
        // Without a setting it is the address that was asked.
        Assert.Contains($"http://localhost/api/v1/posts/{post.Text("slug")}", one.Descendants(Map + "loc").Select(loc => loc.Value), StringComparer.Ordinal);
    }

    private async Task<XElement> Xml(string path)
    {
        var answer = await app.Guest.Get(path);
        Assert.Equal((HttpStatusCode.OK, "application/xml; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        return XDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
    }

    public sealed class App(TestPostgres postgres) : WordyApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Content:PostUrl"] = "https://shop.example/p/{slug}";
            builder.Configuration["Catalog:ProductUrl"] = "https://shop.example/produtos/{id}";
            builder.Configuration["Content:BaseUrl"] = "https://api.example";
            builder.Configuration["Content:SitemapUrls"] = "5";
        }
    }
}
