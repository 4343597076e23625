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
        var (tag, id) = (answer.Headers.ETag!, feed.Element(Atom + "id")!.Value);
        Assert.Equal(HttpStatusCode.NotModified, (await app.Guest.GetUnless("/feed.xml", tag)).StatusCode);
        Assert.Equal(tag, (await app.Guest.Send(HttpMethod.Get, "/feed.xml", json: null, ("Host", "evil.example"))).Headers.ETag);

        await (await author.Patch($"/api/v1/posts/{post.Id()}", new { title = "Outro" })).Body();
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.GetUnless("/feed.xml", tag)).StatusCode);

        var ofTag = XDocument.Parse(await (await app.Guest.Get($"/feed.xml?tag={word}")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
        Assert.Single(ofTag.Elements(Atom + "entry"));
        Assert.NotEqual(id, ofTag.Element(Atom + "id")!.Value, StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get("/feed.xml?tag=nada")).StatusCode);
    }

    [Fact]
    public async Task What_goes_is_no_old_version_for_whoever_asks_by_time()
    {
        var author = await app.Customer();
        await author.PublishNew();
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        var (last, word) = (await author.PublishNew(), "https://shop.example/p/");
        // A time says less than what is in it: a post that goes leaves older ones, and a name changes without any post.
        var later = ("If-Modified-Since", app.Clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        foreach (var shown in (bool[])[true, false])
        {
            if (!shown)
                await (await author.Post($"/api/v1/posts/{last.Id()}/unpublish")).Body();
            foreach (var path in (string[])["/feed.xml", "/sitemap.xml", "/sitemaps/posts/1.xml"])
                for (var times = 0; times < 2; times++)
                {
                    var answer = await app.Guest.Send(HttpMethod.Get, path, json: null, later);
                    Assert.Equal((HttpStatusCode.OK, null), (answer.StatusCode, answer.Content.Headers.LastModified));
                    if (path == "/feed.xml")
                        Assert.Equal(shown, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(word + last.Text("slug"), StringComparison.Ordinal));
                }
        }
    }

    [Fact]
    public async Task A_comment_leaves_the_feed_and_the_site_map_as_they_are()
    {
        var (author, reader) = (await app.Customer(), await app.Customer());
        var post = await author.PublishNew();
        string[] paths = ["/feed.xml", "/sitemaps/posts/1.xml", "/api/v1/tags?limit=100"];
        foreach (var path in paths)
            await app.Guest.Get(path);
        Assert.Equal(0, (await app.Guest.Page($"posts?author={post.GetProperty("authorId").GetGuid()}")).Rows().Single(row => row.Id() == post.Id()).GetProperty("commentCount").GetInt32());
        await app.Execute($"update content.posts set title = 'Às escondidas', slug = left(slug, 80) || '-escondido'");
        await app.Execute($"insert into content.tags (id, slug, name, name_folded, words, created_at, updated_at) values ({post.Id()}, 'escondida', 'escondida', 'escondida', 'escondida', now(), now())");
        await app.Execute($"insert into content.post_tags (post_id, tag_id, position, published_at) values ({post.Id()}, {post.Id()}, 0, now())");
        var before = await Task.WhenAll(paths.Select(Text));
        await reader.Say(post.Id());
        Assert.Equal(1, (await app.Guest.Page($"posts?author={post.GetProperty("authorId").GetGuid()}")).Rows().Single(row => row.Id() == post.Id()).GetProperty("commentCount").GetInt32());
        Assert.Equal(before, await Task.WhenAll(paths.Select(Text)), StringComparer.Ordinal);
        Assert.DoesNotContain(before, text => text.Contains("escondid", StringComparison.Ordinal));
        // A post is another matter.
        await author.PublishNew();
        Assert.Contains("escondidas", await Text(paths[0]), StringComparison.Ordinal);
        Assert.Contains("escondido", await Text(paths[1]), StringComparison.Ordinal);
        Assert.Contains("escondida", await Text(paths[2]), StringComparison.Ordinal);

        async Task<string> Text(string path) => await (await app.Guest.Get(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_feed_is_whole_as_far_as_a_megabyte_goes()
    {
        var author = await app.Customer();
        List<Guid> posts = [];
        for (var number = 0; number < 4; number++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            posts.Add((await author.PublishNew(content: "Assim: " + new string('"', 60_000))).Id());
        }

        var answer = await app.Guest.Get("/feed.xml");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var feed = XDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Root!;
        var entries = posts.ConvertAll(id => feed.Elements(Atom + "entry").Single(one => one.Element(Atom + "id")!.Value == $"urn:uuid:{id}"));
        Assert.Equal([false, false, true, true], entries.Select(entry => entry.Element(Atom + "content") is not null));
        Assert.All(entries, entry => Assert.StartsWith("Assim:", entry.Element(Atom + "summary")!.Value, StringComparison.Ordinal));
        Assert.All(entries, entry => Assert.NotNull(entry.Element(Atom + "link")));
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
