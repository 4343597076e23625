using System.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Feeds;

/// <summary>Gives out the latest posts as a feed for readers (Atom, RFC 4287), 30 of them, whole; with <c>tag</c> those with a tag.</summary>
internal static class ShowPostFeed
{
    private const int PostsAtMost = 30;

    private const string Namespace = "http://www.w3.org/2005/Atom";

    internal sealed record Query
    {
        /// <summary>The slug of a tag.</summary>
        public string? Tag { get; init; }
    }

    public static async Task<Results<XmlFile, NotFound>> Handle(
        [AsParameters] Query query, HttpContext http, Db db, IFiles files, Authors authors, Addresses addresses, ILetterhead letterhead, Shown shown, CancellationToken ct)
    {
        var (id, about) = (await db.ReadFirst($"select id from content.feed", row => row.GetGuid(0), ct), "");
        if (query.Tag is not null)
        {
            if (query.Tag.Length > 100 || await db.ReadFirst($"select {Tag.Columns} from content.tags t where t.id = {PostTags.IdOf(query.Tag)}", Tag.Read, ct) is not { } tag)
                return TypedResults.NotFound();
            (id, about) = (tag.Id, tag.Name);
        }

        var way = PostWay.Of(new ListPosts.Query { Tag = query.Tag });
        var posts = await db.Read(
            $"select {Post.Columns} from {way.From} where {way.Where} order by {Sql.Raw(way.Sorts[0].Column)} desc, {Sql.Raw(way.Id)} desc limit {PostsAtMost}", row => Post.Read(row, files), ct);
        var names = await authors.Names(posts.Select(post => post.AuthorId), ct);
        var changedAt = posts.Count == 0 ? DateTimeOffset.UnixEpoch : posts.Max(post => post.UpdatedAt);
        var (shop, _) = await letterhead.Read(ct);
        if (addresses.AreKnown)
        {
            shown.Tag(Post.All);
            shown.Changed(changedAt);
        }

        var address = $"{addresses.Base(http)}/feed.xml{(query.Tag is null ? "" : $"?tag={Uri.EscapeDataString(query.Tag)}")}";
        return new XmlFile(XmlFile.Write(xml =>
        {
            xml.WriteStartElement("feed", Namespace);
            // What a text links to within the site is meant from there.
            xml.WriteAttributeString("xml", "base", "http://www.w3.org/XML/1998/namespace", $"{addresses.Base(http)}/");
            Element(xml, "id", $"urn:uuid:{id}");
            Element(xml, "title", about.Length == 0 ? shop : $"{shop}: {about}");
            Element(xml, "updated", XmlFile.Instant(changedAt));
            Link(xml, "self", address, XmlFile.Atom);
            Element(xml, "generator", "Quitanda");
            Author(xml, shop);
            foreach (var post in posts)
                Entry(xml, post, addresses.Post(http, post.Id, post.Slug), names.GetValueOrDefault(post.AuthorId ?? Guid.Empty));
            xml.WriteEndElement();
        }), XmlFile.Atom, changedAt);
    }

    private static void Entry(XmlWriter xml, Post post, string address, string? author)
    {
        xml.WriteStartElement("entry", Namespace);
        Element(xml, "id", $"urn:uuid:{post.Id}");
        Element(xml, "title", post.Title);
        Element(xml, "published", XmlFile.Instant(post.PublishedAt!.Value));
        Element(xml, "updated", XmlFile.Instant(post.UpdatedAt));
        Link(xml, "alternate", address, type: null);
        // Without one of its own, an entry is by whoever the feed is by.
        if (author is not null)
            Author(xml, author);
        foreach (var tag in post.Tags)
        {
            xml.WriteStartElement("category", Namespace);
            xml.WriteAttributeString("term", XmlFile.Text(tag.Slug));
            xml.WriteAttributeString("label", XmlFile.Text(tag.Name));
            xml.WriteEndElement();
        }

        Element(xml, "summary", post.Excerpt);
        xml.WriteStartElement("content", Namespace);
        xml.WriteAttributeString("type", "html");
        xml.WriteString(XmlFile.Text(post.Html));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Author(XmlWriter xml, string name)
    {
        xml.WriteStartElement("author", Namespace);
        Element(xml, "name", name);
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, string address, string? type)
    {
        xml.WriteStartElement("link", Namespace);
        xml.WriteAttributeString("rel", relation);
        if (type is not null)
            xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", XmlFile.Text(address));
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Namespace, XmlFile.Text(text));
}
