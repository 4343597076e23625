using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using FsCheck;
using FsCheck.Fluent;
using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Tests.Content;

/// <summary>What is made of somebody's Markdown, read as a browser reads it: whatever was sent, nothing is in it that is not on the list.</summary>
public sealed class MarkupTests
{
    private static readonly HashSet<string> Elements = new("p br hr blockquote pre code ul ol li em strong del a table thead tbody tr th td h1 h2 h3 h4 h5 h6 img".Split(' '), StringComparer.Ordinal);

    private static readonly Dictionary<string, string[]> Attributes = new(StringComparer.Ordinal)
    {
        ["a"] = ["href", "title", "rel"],
        ["img"] = ["src", "alt", "title", "loading"],
        ["code"] = ["class"],
        ["ol"] = ["start"],
        ["th"] = ["align"],
        ["td"] = ["align"],
    };

    /// <summary>As people attack: scripts, handlers, links, references, images, tables, encodings, other namespaces, and what reads otherwise the second time.</summary>
    private static readonly string[] Attacks =
    [
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<script\n>alert(1)</script\n>", "<script/x>alert(1)</script>", "</p><script>alert(1)//",
        "<img src=x onerror=alert(1)>", "<img/src=x/onerror=alert(1)>", "<IMG SRC=`javascript:alert(1)`>", "<img src=\"x\" onerror\n=\nalert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert(1)//", "<body onload=alert(1)>",
        "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<video><source onerror=alert(1)></video>", "<marquee onstart=alert(1)>", "<a href=# onclick=alert(1)>x</a>", "<div style=\"background:url(javascript:alert(1))\">",
        "<iframe src=javascript:alert(1)>", "<iframe srcdoc=\"<script>alert(1)</script>\">", "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<form action=javascript:alert(1)><button>x</button></form>",
        "<base href=//evil.example/>", "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">", "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css'</style>", "<style>*{x:expression(alert(1))}</style>",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](java&#10;script:alert(1))", "[x](java&Tab;script:alert(1))", "[x](javascript&colon;alert(1))", "[x](javascript&#58;alert(1))",
        "[x](javascript&#x3a;alert(1))", "[x](&#106;avascript:alert(1))", "[x](&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;:alert(1))", "[x](\u0001javascript:alert(1))", "[x](&#1;javascript:alert(1))", "[x](  javascript:alert(1))",
        "[x](\u00a0javascript:alert(1))", "[x](javascript\u200b:alert(1))", "[x](\\javascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](<java\nscript:alert(1)>)", "[x](javascript%3Aalert(1))", "[x](javascript://%0aalert(1))", "[x](javascript:alert`1`)",
        "[x](vbscript:msgbox(1))", "[x](data:text/html,<script>alert(1)</script>)", "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)", "[x](DATA:text/html,x)", "[x](file:///etc/passwd)", "[x](blob:https://evil.example/x)",
        "[x](filesystem:https://evil.example/x)", "[x](view-source:https://evil.example)", "[x](feed:javascript:alert(1))", "[x](jar:https://evil.example!/x)", "[x](ms-its:x)", "[x](intent://x#Intent;scheme=javascript;end)", "[x](tel:123)", "[x](sms:1)",
        "[x](//evil.example)", "[x](/\\evil.example)", "[x](\\\\evil.example)", "[x](///evil.example)", "[x](/\t/evil.example)", "[x](http:evil.example)", "[x](https:///evil.example)", "[x](http://a@evil.example:80\\@b)",
        "[x]: javascript:alert(1)\n\n[x]", "[x][1]\n\n[1]: java&#115;cript:alert(1) \"t\"", "[x][1]\n\n[1]: <data:text/html,x>", "![x][1]\n\n[1]: javascript:alert(1)", "[![x](javascript:alert(1))](javascript:alert(2))",
        "<javascript:alert(1)>", "<JAVASCRIPT:alert(1)>", "<data:text/html,x>", "<vbscript:x>", "<javascript:alert&lpar;1&rpar;>", "<https://evil.example/\" onmouseover=alert(1)>", "<x:y onmouseover=alert(1)>",
        "https://evil.example/\"onmouseover=\"alert(1)", "https://evil.example/'onmouseover='alert(1)", "www.evil.example\"><script>alert(1)</script>", "http://evil.example/<script>alert(1)</script>", "mailto:a@b.example?body=<script>",
        "![x](javascript:alert(1))", "![x](data:image/svg+xml,<svg onload=alert(1)>)", "![x](https://a.example/x.png\" onerror=\"alert(1))", "![\" onerror=\"alert(1)](https://a.example/x.png)", "![x](https://a.example/x.png '\" onerror=alert(1) x=\"')",
        "![x](/api/v1/users/me)", "![x](/api/v1/files/../users/me)", "![x](/api/v1/files/%2e%2e/users/me)", "![x](/api/v1/files/%2E%2E%2Fusers/me)", "![x](/api/v1/files/x?redirect=//evil.example)", "![x](/api/v1/files/./../users/me)", "![x](#x)", "![x](//evil.example/x.png)", "![x](ftp://a.example/x.png)", "[x](https://a.example \"x\\\" onclick=\\\"alert(1)\")", "[x](https://a.example 'x\" style=\"position:fixed')",
        "|a|\n|-|\n|<script>alert(1)</script>|", "|<img src=x onerror=alert(1)>|\n|:-:|\n|[x](javascript:alert(1))|", "|a{onclick=alert(1)}|\n|-|", "# x {#clobbered onclick=alert(1)}", "[x](https://a.example){onclick=alert(1)}", "``` x\" onclick=\"alert(1)\ny\n```",
        "```<script>\nx\n```", "~~~ language\"><script>alert(1)</script>\n~~~", "`<script>alert(1)</script>`", "    <script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;alert(1)", "&#60;script&#62;alert(1)&#60;/script&#62;",
        "%3Cscript%3Ealert(1)%3C/script%3E", "\u003cscript\u003ealert(1)\u003c/script\u003e", "＜script＞alert(1)＜/script＞", "<sc\u0000ript>alert(1)</sc\u0000ript>", "<!--><script>alert(1)</script>-->", "<!--<img src=--><img src=x onerror=alert(1)//\">",
        "<![CDATA[<script>alert(1)</script>]]>", "<?xml version=\"1.0\"?><x onload=alert(1)/>", "<!DOCTYPE x [<!ENTITY y \"<script>\">]>&y;", "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
        "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>", "<svg><style><img src=x onerror=alert(1)></style></svg>", "<svg><foreignObject><p onclick=alert(1)>x</p></foreignObject></svg>",
        "<svg><animate attributeName=href values=javascript:alert(1) /></svg>", "<svg><use href=\"data:image/svg+xml,x\"/></svg>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
        "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">", "<math href=\"javascript:alert(1)\">x</math>", "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>", "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<template><script>alert(1)</script></template>", "<textarea><script>alert(1)</script></textarea>", "<title></title><img src=x onerror=alert(1)>", "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
        "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>", "<plaintext><script>alert(1)</script>", "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<table><td><a href=javascript:alert(1)>", "<select><script>alert(1)</script></select>",
        "<img name=getElementById src=https://a.example/x.png>", "<a id=location href=https://a.example>x</a>", "<form id=x><input name=attributes></form>", "<a target=_blank href=https://a.example>x</a>", "<p class=modal style=position:fixed>x</p>",
        "<img srcset=\"javascript:alert(1) 1x\" src=https://a.example/x.png>", "<a ping=//evil.example href=https://a.example>x</a>", "<p data-controller=evil>x</p>", "<a href=\"https://a.example\" rel=\"opener\">x</a>", "<portal src=//evil.example>", "<link rel=import href=//evil.example>",
        "<p><a href=\"java\u0000script:alert(1)\">x</a></p>", "<a href=\"\u0019javascript:alert(1)\">x</a>", "<a href=\" javascript:alert(1)\">x</a>", "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>", "<a href='vbscript:x'>x</a>", "<img src=\"data:image/gif;base64,R0lGOD\">", "<a href=\"//evil.example\">x</a>",
    ];

    public static TheoryData<int> EveryAttack => [.. Enumerable.Range(0, Attacks.Length)];

    [Theory]
    [MemberData(nameof(EveryAttack))]
    public void An_attack_comes_out_inert_through_both_walls_and_through_the_second_alone(int number)
    {
        var attack = Attacks[number];
        foreach (var text in (string[])[attack, $"x {attack} y", $"> - {attack}", $"**{attack}**", $"|a|\n|-|\n|{attack.Replace("\n", " ", StringComparison.Ordinal)}|"])
        {
            IsInert(Rendered.Of(text, Sanitizer.ForPosts(null), "content").Html, forComments: false, text);
            IsInert(Rendered.Of(text, Sanitizer.OfComments, "content").Html, forComments: true, text);
        }

        foreach (var html in (string[])[attack, $"<p>{attack}</p>", $"<table><tr><td>{attack}", $"<pre><code>{attack}", $"<svg>{attack}</svg>", $"<math><mtext>{attack}", $"<blockquote><a href=\"https://a.example\">{attack}"])
        {
            IsInert(Sanitizer.ForPosts(null).Clean(html).Html, forComments: false, html);
            IsInert(Sanitizer.OfComments.Clean(html).Html, forComments: true, html);
        }
    }

    [Fact]
    public void What_is_hostile_stays_inert_however_it_is_mixed()
    {
        string[] pieces =
        [
            .. Attacks, "<", ">", "\"", "'", "`", "&", "[", "](", ")", "!", "|", "\n", "\n\n", "\t", " ", "\\", "*", "_", "~~", "#", "    ", "> ", "- ", "1. ", "```", "\0", "\u2028", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<a href=\"", "<pre>", "</pre>", "<svg>", "</svg>", "<math>", "</math>",
            "<style>", "</style>", "<!--", "-->", "javascript:", "data:", "https://a.example", "onerror=alert(1)", "<mglyph>", "<annotation-xml>", "&#x6a;", "&lt;", "é", "😀",
        ];
        var mixtures = Gen.Elements(pieces).ListOf().Select(chosen => string.Concat(chosen.Take(40)));
        Prop.ForAll(Arb.From(mixtures), text =>
        {
            foreach (var forComments in (bool[])[false, true])
            {
                var sanitizer = forComments ? Sanitizer.OfComments : Sanitizer.ForPosts("a.example");
                IsInert(sanitizer.Clean(text).Html, forComments, text);
                IsInert(Rendered.Of(text, sanitizer, "content").Html, forComments, text);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(300, 10_000)));
    }

    [Theory]
    [InlineData("**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>")]
    [InlineData("[a](https://b.example/?x=1&y=2 \"t\")", "<p><a href=\"https://b.example/?x=1&amp;y=2\" title=\"t\" rel=\"nofollow ugc noopener\">a</a></p>")]
    [InlineData("[a](/posts/x) [b](#c) [d](https://shop.example/y)", "<p><a href=\"/posts/x\">a</a> <a href=\"#c\">b</a> <a href=\"https://shop.example/y\">d</a></p>")]
    [InlineData("[a](mailto:a@b.example)", "<p><a href=\"mailto:a@b.example\" rel=\"nofollow ugc noopener\">a</a></p>")]
    [InlineData("![a](/api/v1/files/x/content)", "<p><img src=\"/api/v1/files/x/content\" alt=\"a\" loading=\"lazy\"></p>")]
    [InlineData("![a *b*](javascript:x) [c](javascript:y)", "<p>a b c</p>")]
    [InlineData("|a|b|\n|:-|-:|\n|1|2|", "<table><thead><tr><th align=\"left\">a</th><th align=\"right\">b</th></tr></thead><tbody><tr><td align=\"left\">1</td><td align=\"right\">2</td></tr></tbody></table>")]
    [InlineData("[a](https://b.example/it's?x='1') [b](/it's)", "<p><a href=\"https://b.example/it%27s?x=%271%27\" rel=\"nofollow ugc noopener\">a</a> <a href=\"/it%27s\">b</a></p>")]
    [InlineData("https://b.example/d'Arc", "<p><a href=\"https://b.example/d%27Arc\" rel=\"nofollow ugc noopener\">https://b.example/d&#39;Arc</a></p>")]
    [InlineData("3. a", "<ol start=\"3\"><li>a</li></ol>")]
    [InlineData("```csharp\na < b\n```", "<pre><code class=\"language-csharp\">a &lt; b</code></pre>")]
    [InlineData("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>")]
    [InlineData("https://b.example/x", "<p><a href=\"https://b.example/x\" rel=\"nofollow ugc noopener\">https://b.example/x</a></p>")]
    public void What_is_meant_well_reads_as_it_was_meant(string markdown, string html) =>
        Assert.Equal(html, Rendered.Of(markdown, Sanitizer.ForPosts("shop.example"), "content").Html.Replace("\n", "", StringComparison.Ordinal));

    [Fact]
    public void A_comment_has_no_headings_and_images_and_keeps_its_distance()
    {
        Assert.Equal("<p>Oi</p><p>b <a href=\"/x\" rel=\"nofollow ugc noopener\">a</a></p>", Rendered.Of("# Oi\n\n![b](https://b.example/x.png) [a](/x)", Sanitizer.OfComments, "content").Html.Replace("\n", "", StringComparison.Ordinal));
    }

    public static TheoryData<string> Pathological => [.. (string[])["[", ">", "> ", "[a](", "![", "*a ", "_a ", "**a *a ", "a**b", "<", "&", "[a]: x\n", "[a\n\n", "|", "a|", "|\n", "http://a.b ", "www.", "~~a", "]", "[]", "![[]()", "#\n", "a\n", "<a@b ", "a\n=\n", "a*_b", "```\n", "1. ", "<!--", "[a](<b", "- ", "`a``b", "\t", "[x][", "&#x1;"]];

    [Theory]
    [MemberData(nameof(Pathological))]
    public void What_is_made_to_take_long_is_done_or_refused_before_it_does(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 65_536 / piece.Length));
        var begun = Stopwatch.GetTimestamp();
        try
        {
            // In proportion to what was sent, whatever it is.
            Assert.InRange(Rendered.Of(text, Sanitizer.ForPosts(null), "content").Html.Length, 0, 2_000_000);
        }
        catch (InvalidException)
        {
            // As good: nobody means such a text.
        }

        // Not a measure of speed: what grows with the square of such a text runs for minutes.
        Assert.True(Stopwatch.GetElapsedTime(begun) < Eventually.Patience);
    }

    [Fact]
    public void A_table_is_filled_up_only_so_far()
    {
        static string Table(int columns, int rows) => string.Concat(Enumerable.Repeat("a|", columns)) + "\n" + string.Concat(Enumerable.Repeat("-|", columns)) + "\n" + string.Concat(Enumerable.Repeat("|\n", rows));
        Assert.Throws<InvalidException>(() => Rendered.Of(Table(5000, 20_000), Sanitizer.ForPosts(null), "content"));
        Assert.Contains("<td>", Rendered.Of(Table(10, 500), Sanitizer.ForPosts(null), "content").Html, StringComparison.Ordinal);
        // What a post may have is too much for a comment, of which a page shows two thousand.
        foreach (var table in (string[])[Table(10, 500), Table(100, 550), Table(1, 400)])
            Assert.Throws<InvalidException>(() => Rendered.Of(table, Sanitizer.OfComments, "content"));
        Assert.Throws<InvalidException>(() => Rendered.Of(Table(100, 550), Sanitizer.ForPosts(null), "content"));
        Assert.Contains("<td>", Rendered.Of(Table(8, 40), Sanitizer.OfComments, "content").Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"", 4000)]
    [InlineData("- ", 2000)]
    [InlineData("- - - -\n", 500)]
    [InlineData("[a](/)", 666)]
    [InlineData("www.a.b ", 500)]
    [InlineData("#\n", 2000)]
    [InlineData("*a*", 1333)]
    [InlineData("|a|\n|:-:|\n\n", 330)]
    [InlineData("1. 1. 1. 1. 1. 1. 1. 1.\n", 166)]
    public void A_comment_is_not_much_longer_as_HTML_or_it_is_refused(string piece, int times)
    {
        try
        {
            Assert.InRange(Rendered.Of(string.Concat(Enumerable.Repeat(piece, times)), Sanitizer.OfComments, "content").Html.Length, 1, 32_000);
        }
        catch (InvalidException)
        {
            // Nobody means such a text.
        }
    }

    /// <summary>Texts that are just short of what is counted and refused, each of 64 KB: what comes first, how often, and what fills the rest.</summary>
    public static TheoryData<string, int, string> JustTaken => new()
    {
        { "[", 2000, "b" }, { "[", 2000, "]" }, { "[a]( ", 2000, " " }, { "[](a \"", 2000, " b" }, { "![", 2000, "b " }, { "[](< ", 2000, "b " }, { "[a]: x\n", 2000, "b" }, { "[x][", 1000, "] " },
        { "[](", 61, "b" }, { "(www.", 61, "b" }, { "(http://", 61, "b" }, { "(mailto:", 61, "b" }, { "(www.", 800, " b" }, { "(www. ", 10_900, "" }, { "[]( ", 2000, "b" }, { "[](", 890, " b" }, { "(www.", 61, "\"" },
        { "*a ", 5000, "b" }, { "_a ", 5000, "b" }, { "**a *a ", 1650, "b" }, { "a*_b", 2500, "b" }, { "~~a", 2500, "b" }, { "***a", 1650, "b" }, { "*", 5000, "a" }, { "a|a\n", 2900, "b" },
    };

    [Theory]
    [MemberData(nameof(JustTaken))]
    public void A_text_just_short_of_what_is_refused_is_done_before_long(string piece, int times, string rest)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        if (rest.Length > 0)
            text += string.Concat(Enumerable.Repeat(rest, (65_536 - text.Length) / rest.Length));
        var begun = Stopwatch.GetTimestamp();
        try
        {
            Assert.InRange(Rendered.Of(text, Sanitizer.ForPosts(null), "content").Html.Length, 0, 2_000_000);
        }
        catch (InvalidException error)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        Assert.True(Stopwatch.GetElapsedTime(begun) < Eventually.Patience);
    }

    [Theory]
    [InlineData("(www.", 13_107, "")]
    [InlineData("(http://", 8_192, "")]
    [InlineData("(mailto:a@", 6_000, "")]
    [InlineData("[](", 2_000, "b")]
    [InlineData("(www.", 1_000, "b")]
    public void What_may_be_many_links_in_one_word_is_refused(string piece, int times, string rest)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        if (rest.Length > 0)
            text += string.Concat(Enumerable.Repeat(rest, 65_000 - text.Length));
        var begun = Stopwatch.GetTimestamp();
        var error = Record.Exception(() => Rendered.Of(text, Sanitizer.ForPosts(null), "content"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        Assert.IsType<InvalidException>(error);
    }

    [Fact]
    public void A_long_text_without_blanks_and_a_list_of_many_links_are_taken()
    {
        // As Japanese is written, with links in it.
        var sentence = "これは長い文章で、空白がありません。";
        var text = string.Concat(Enumerable.Range(0, 40).Select(number => $"{string.Concat(Enumerable.Repeat(sentence, 5))}[続き](https://b.example/{number})"));
        Assert.Equal(40, Rendered.Of(text, Sanitizer.ForPosts(null), "content").Html.Split("<a ").Length - 1);
        var list = string.Concat(Enumerable.Range(0, 900).Select(number => $"- [Item {number}](https://b.example/{number}) e https://c.example/{number}\n"));
        Assert.Equal(1800, Rendered.Of(list, Sanitizer.ForPosts(null), "content").Html.Split("<a ").Length - 1);
    }

    [Fact]
    public void What_runs_is_found()
    {
        foreach (var html in (string[])["<script>x</script>", "<p onclick=x>a</p>", "<a href=\"javascript:x\">a</a>", "<img src=\"data:x\" alt=\"\">", "<svg></svg>", "<p style=x>a</p>", "<p id=x>a</p>", "<a href=\"//x\" rel=\"nofollow ugc noopener\">a</a>", "<a href=\"https://x.example\">a</a>"])
            Assert.ThrowsAny<Exception>(() => IsInert(html, forComments: false, html));
    }

    private static void IsInert(string html, bool forComments, string attack)
    {
        var body = new HtmlParser(new HtmlParserOptions { IsScripting = true }).ParseDocument($"<!doctype html><body>{html}").Body!;
        foreach (var node in body.GetDescendants())
        {
            if (node is IText)
                continue;
            var element = node as IElement ?? throw new InvalidOperationException($"{node.NodeName} came of {attack}: {html}");
            Assert.True(element.NamespaceUri == NamespaceNames.HtmlUri && Elements.Contains(element.LocalName) && !(forComments && element.LocalName is "img" or "h1"), $"{element.LocalName} came of {attack}: {html}");
            foreach (var attribute in element.Attributes)
                Assert.True(Attributes.TryGetValue(element.LocalName, out var allowed) && allowed.Contains(attribute.Name, StringComparer.Ordinal), $"{attribute.Name} came of {attack}: {html}");
            if (element.LocalName == "a")
                IsPlace(element.GetAttribute("href")!, ["http", "https", "mailto"], "/", attack, html);
            if (element.LocalName == "img")
                IsPlace(element.GetAttribute("src")!, ["http", "https"], "/api/v1/files/", attack, html);
            if (element.LocalName == "a" && (forComments || element.GetAttribute("href")![0] is not ('/' or '#')) && !element.GetAttribute("href")!.StartsWith("https://a.example", StringComparison.Ordinal))
                Assert.Equal(Sanitizer.Distance, element.GetAttribute("rel"));
        }
    }

    private static void IsPlace(string address, string[] schemes, string ownPrefix, string attack, string html)
    {
        var isOwn = (address.StartsWith(ownPrefix, StringComparison.Ordinal) && !address.StartsWith("//", StringComparison.Ordinal)) || (address[0] == '#' && ownPrefix == "/");
        Assert.True(ownPrefix == "/" || !isOwn || address.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-'), $"{address} came of {attack}: {html}");
        Assert.True((isOwn || schemes.Any(scheme => address.StartsWith(scheme + ":", StringComparison.Ordinal))) && !address.Any(letter => letter <= ' ' || letter == '\\' || char.IsControl(letter)), $"{address} came of {attack}: {html}");
    }
}
