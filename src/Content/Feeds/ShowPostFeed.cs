using System.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Feeds;

/// <summary>Gives out the latest posts as a feed for readers (Atom, RFC 4287), 30 of them, whole as far as a megabyte of HTML goes and then how they begin; with <c>tag</c> those with a tag.</summary>
internal static class ShowPostFeed
{
    private const int PostsAtMost = 30;

    /// <summary>Bytes of HTML that are given out whole. More than any one post has.</summary>
    private const int BytesWhole = 1_000_000;

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
        // How long a text is stands beside it: none is read that is not given out.
        var posts = await db.Read(
            $"""
            with latest as materialized (
                select p.id, {Sql.Raw(way.Sorts[0].Column)} as at from {way.From} where {way.Where} order by {Sql.Raw(way.Sorts[0].Column)} desc, {Sql.Raw(way.Id)} desc limit {PostsAtMost}
            ), counted as (
                select l.id, l.at, sum(octet_length(p.html)) over (order by l.at desc, l.id desc) <= {BytesWhole} as is_whole from latest l join content.posts p on p.id = l.id
            )
            select {ListedPost.Columns}, case when c.is_whole then p.html end from counted c join content.posts p on p.id = c.id order by c.at desc, c.id desc
            """, row => new Entry(ListedPost.Read(row, files), row.IsDBNull(ListedPost.ColumnCount) ? null : row.GetString(ListedPost.ColumnCount)), ct);
        var names = await authors.Names(posts.Select(entry => entry.Post.AuthorId), ct);
        var changedAt = posts.Count == 0 ? DateTimeOffset.UnixEpoch : posts.Max(entry => entry.Post.UpdatedAt);
        var (shop, _) = await letterhead.Read(ct);
        shown.Tag(Post.Published);
        if (!addresses.AreKnown)
            shown.KeepNothing();

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
            foreach (var entry in posts)
                Write(xml, entry, addresses.Post(http, entry.Post.Id, entry.Post.Slug), names.GetValueOrDefault(entry.Post.AuthorId ?? Guid.Empty));
            xml.WriteEndElement();
        }), XmlFile.Atom);
    }

    private static void Write(XmlWriter xml, Entry entry, string address, string? author)
    {
        var post = entry.Post;
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
        if (entry.Html is not null)
        {
            xml.WriteStartElement("content", Namespace);
            xml.WriteAttributeString("type", "html");
            xml.WriteString(XmlFile.Text(entry.Html));
            xml.WriteEndElement();
        }

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

    /// <param name="Post">What it is of.</param>
    /// <param name="Html">All of it; null where it is told by its beginning.</param>
    private sealed record Entry(ListedPost Post, string? Html);

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Namespace, XmlFile.Text(text));
}
