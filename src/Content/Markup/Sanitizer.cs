using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Quitanda.Content.Comments;
using Quitanda.Content.Posts;

namespace Quitanda.Content.Markup;

/// <summary>
/// The second wall: HTML is read as a browser reads it and written anew from what is on the list, so that nothing gets through by how it is spelled. The first is that Markdown's own
/// HTML is off. What is written has no element that changes how a reader goes on, such as scripts, styles, templates, SVG or MathML, and so reads the same again.
/// </summary>
internal sealed partial class Sanitizer
{
    /// <summary>What a link says of where it leads: no word of ours, and no way back.</summary>
    public const string Distance = "nofollow ugc noopener";

    private const int DeepestNesting = 200;

    /// <summary>How often as long as its text something may be, where that is as long as it may be: what people write is twice or three times.</summary>
    private const int TimesAsLong = 8;

    private static readonly HashSet<string> OfBoth = new(StringComparer.Ordinal)
    {
        "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li", "em", "strong", "del", "a", "table", "thead", "tbody", "tr", "th", "td",
    };

    private static readonly HashSet<string> OfPosts = new(OfBoth, StringComparer.Ordinal) { "h1", "h2", "h3", "h4", "h5", "h6", "img" };

    private static readonly HashSet<string> WithoutEnd = new(StringComparer.Ordinal) { "br", "hr", "img" };

    /// <summary>What ends a word where its text is read alone.</summary>
    private static readonly HashSet<string> Within = new(StringComparer.Ordinal) { "em", "strong", "del", "a", "code" };

    private readonly HashSet<string> _elements;
    private readonly bool _everyLink;
    private readonly string? _ownHost;

    private Sanitizer(HashSet<string> elements, bool everyLink, string? ownHost, Bounds bounds) => (_elements, _everyLink, _ownHost, Bounds) = (elements, everyLink, ownHost, bounds);

    /// <summary>For comments: no headings, no images, and distance from every link.</summary>
    public static Sanitizer OfComments { get; } = new(OfBoth, everyLink: true, null, new(500, TimesAsLong * Comment.Longest));

    /// <summary>How much may be made of a text: a page shows one post, and thousands of comments.</summary>
    public Bounds Bounds { get; }

    /// <summary>For posts: distance from links that leave the site.</summary>
    /// <param name="ownHost">The host of the site; null where nobody says so.</param>
    public static Sanitizer ForPosts(string? ownHost) => new(OfPosts, everyLink: false, ownHost, new(6_000, TimesAsLong * Post.LongestContent));

    /// <summary>What of this HTML is on the list, and its text.</summary>
    public Rendered Clean(string html)
    {
        var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        var (markup, text) = (new StringBuilder(html.Length), new StringBuilder(html.Length));
        if (document.Body is { } body)
            Children(body, markup, text, 0);
        return new(markup.ToString(), text.ToString().Trim());
    }

    private void Children(INode parent, StringBuilder markup, StringBuilder text, int depth)
    {
        foreach (var child in parent.ChildNodes)
            switch (child)
            {
                case IText { Data: var data }:
                    Escape(markup, data);
                    text.Append(data);
                    break;
                case IElement element:
                    Element(element, markup, text, depth + 1);
                    break;
                    // Comments, instructions and declarations show nothing.
            }
    }

    private void Element(IElement element, StringBuilder markup, StringBuilder text, int depth)
    {
        var name = element.LocalName;
        // A comment has no headings; what is in one is said all the same.
        if (name is ['h', >= '1' and <= '6'] && !_elements.Contains(name))
            name = "p";
        // By namespace too: what is called so within SVG or MathML is something else.
        if (depth > DeepestNesting || !_elements.Contains(name) || element.NamespaceUri != NamespaceNames.HtmlUri)
        {
            if (element is AngleSharp.Html.Dom.IHtmlImageElement { AlternativeText: { Length: > 0 } instead })
                Escape(markup, instead);
            return;
        }

        if (name == "a")
            Link(element, markup, text, depth);
        else if (name == "img")
            Image(element, markup);
        else
        {
            markup.Append('<').Append(name);
            Attributes(element, name, markup);
            markup.Append('>');
            // A reader drops one line break there, which would be one that somebody wrote.
            if (name == "pre" && element.TextContent.StartsWith('\n'))
                markup.Append('\n');
            if (!WithoutEnd.Contains(name))
            {
                Children(element, markup, text, depth);
                markup.Append("</").Append(name).Append('>');
            }
        }

        if (!Within.Contains(name))
            text.Append(' ');
    }

    private void Link(IElement link, StringBuilder markup, StringBuilder text, int depth)
    {
        // Where it leads nowhere that it may, its words stay.
        if (WebAddress.OfLink(link.GetAttribute("href")) is not { } address)
        {
            Children(link, markup, text, depth);
            return;
        }

        markup.Append("<a");
        Attribute(markup, "href", address);
        if (link.GetAttribute("title") is { Length: > 0 } title)
            Attribute(markup, "title", title);
        if (_everyLink || WebAddress.IsOutside(address, _ownHost))
            Attribute(markup, "rel", Distance);
        markup.Append('>');
        Children(link, markup, text, depth);
        markup.Append("</a>");
    }

    private static void Image(IElement image, StringBuilder markup)
    {
        var alt = image.GetAttribute("alt") ?? "";
        if (WebAddress.OfImage(image.GetAttribute("src")) is not { } address)
        {
            Escape(markup, alt);
            return;
        }

        markup.Append("<img");
        Attribute(markup, "src", address);
        Attribute(markup, "alt", alt);
        if (image.GetAttribute("title") is { Length: > 0 } title)
            Attribute(markup, "title", title);
        Attribute(markup, "loading", "lazy");
        markup.Append('>');
    }

    private static void Attributes(IElement element, string name, StringBuilder markup)
    {
        if (name == "code" && element.GetAttribute("class") is { } language && Language().IsMatch(language))
            Attribute(markup, "class", language);
        else if (name == "ol" && int.TryParse(element.GetAttribute("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start <= 999_999_999)
            Attribute(markup, "start", start.ToString(CultureInfo.InvariantCulture));
        else if (name is "th" or "td" && element.GetAttribute("style") is { } style && Alignment().Match(style) is { Success: true } aligned)
            Attribute(markup, "align", aligned.Groups["side"].Value);
        else if (name is "th" or "td" && element.GetAttribute("align") is "left" or "center" or "right")
            Attribute(markup, "align", element.GetAttribute("align")!);
    }

    private static void Attribute(StringBuilder markup, string name, string value)
    {
        markup.Append(' ').Append(name).Append("=\"");
        Escape(markup, value);
        markup.Append('"');
    }

    private static void Escape(StringBuilder markup, string text)
    {
        foreach (var letter in text)
            _ = letter switch
            {
                '<' => markup.Append("&lt;"),
                '>' => markup.Append("&gt;"),
                '&' => markup.Append("&amp;"),
                '"' => markup.Append("&quot;"),
                '\'' => markup.Append("&#39;"),
                '`' => markup.Append("&#96;"),
                // A reader would take it for a line break, or for nothing.
                '\r' or '\0' => markup,
                _ => markup.Append(letter),
            };
    }

    [GeneratedRegex("^language-[A-Za-z0-9+#._-]{1,30}$", RegexOptions.None, 1000)]
    private static partial Regex Language();

    [GeneratedRegex("^text-align: (?<side>left|center|right);$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Alignment();
}
