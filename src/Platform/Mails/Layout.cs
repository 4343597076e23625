using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Quitanda.Platform.Mails;

/// <summary>Writes the lines of a mail as plain text and as a page. Every piece of text, ours or somebody's, is escaped here, and nothing else becomes markup.</summary>
internal static class Layout
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Text(IReadOnlyList<Line> lines, Language language, string shop, MailExit? exit = null)
    {
        var text = new StringBuilder();
        var before = default(LineKind?);
        foreach (var line in lines)
        {
            // Points and rows stand close; all else is parted by a blank line.
            if (before is not null && (before != line.Kind || line.Kind is not (LineKind.Point or LineKind.Row)))
                text.Append('\n');
            before = line.Kind;
            text.Append(line.Kind switch
            {
                LineKind.Point => $"- {line.Parts[0]}",
                LineKind.Row => string.Join("  ", line.Parts),
                LineKind.Button => $"{line.Parts[0]}:\n{line.Link}",
                _ => string.Join('\n', line.Parts),
            }).Append('\n');
        }

        text.Append("\n-- \n").Append(string.Format(CultureInfo.InvariantCulture, language.Automatic, shop)).Append('\n');
        return (exit is null ? text : text.Append(CultureInfo.InvariantCulture, $"{language.Exit}:\n{exit.Page.AbsoluteUri}\n")).ToString();
    }

    public static string Html(IReadOnlyList<Line> lines, Language language, string shop, string subject, MailExit? exit = null)
    {
        var html = new StringBuilder(4096).Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="{language.Tag}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Escape(subject)}</title>
            </head>
            <body style="margin:0;padding:0;background-color:#f3f1ec;color:#1d1d1b;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5">
            <div role="article" lang="{language.Tag}" style="max-width:600px;margin:0 auto;padding:24px 16px">
            <p style="margin:0 0 16px;font-size:18px;font-weight:bold">{Escape(shop)}</p>
            <div style="background-color:#ffffff;border-radius:8px;padding:24px">

            """);
        var before = default(LineKind?);
        foreach (var line in lines)
        {
            if (before != line.Kind)
                html.Append(End(before)).Append(Begin(line.Kind));
            before = line.Kind;
            Write(html, line);
        }

        return html.Append(End(before)).Append(CultureInfo.InvariantCulture, $"""
            </div>
            <p style="margin:16px 0 0;font-size:14px;color:#55534c">{Escape(string.Format(CultureInfo.InvariantCulture, language.Automatic, shop))}</p>{Written(exit, language)}
            </div>
            </body>
            </html>

            """).ToString();
    }

    private static string Written(MailExit? exit, Language language) => exit is null ? "" : $"""

        <p style="margin:8px 0 0;font-size:14px;color:#55534c"><a href="{Escape(exit.Page.AbsoluteUri)}" style="color:#55534c">{Escape(language.Exit)}</a></p>
        """;

    private static string Begin(LineKind kind) => kind switch
    {
        LineKind.Point => "<ul style=\"margin:0 0 16px;padding-left:24px\">\n",
        LineKind.Row => "<table style=\"width:100%;margin:0 0 16px;border-collapse:collapse\">\n<tbody>\n",
        _ => "",
    };

    private static string End(LineKind? kind) => kind switch
    {
        LineKind.Point => "</ul>\n",
        LineKind.Row => "</tbody>\n</table>\n",
        _ => "",
    };

    private static void Write(StringBuilder html, Line line)
    {
        switch (line.Kind)
        {
            case LineKind.Heading:
                html.Append("<h1 style=\"margin:0 0 16px;font-size:24px;line-height:1.25\">").Append(Escape(line.Parts[0])).Append("</h1>\n");
                break;
            case LineKind.Point:
                html.Append("<li>").Append(Escape(line.Parts[0])).Append("</li>\n");
                break;
            case LineKind.Row:
                html.Append("<tr>");
                for (var at = 0; at < line.Parts.Count; at++)
                    // What a row is about heads it, for those who have it read to them.
                    html.Append(at == 0 ? "<th scope=\"row\" style=\"padding:4px 0;text-align:left;font-weight:normal\">" : "<td style=\"padding:4px 0 4px 16px;text-align:right\">")
                        .Append(Escape(line.Parts[at])).Append(at == 0 ? "</th>" : "</td>");
                html.Append("</tr>\n");
                break;
            case LineKind.Button:
                html.Append("<p style=\"margin:0 0 16px\"><a href=\"").Append(Escape(line.Link!))
                    .Append("\" style=\"display:inline-block;padding:12px 20px;border-radius:6px;background-color:#0b5c3b;color:#ffffff;text-decoration:underline\">").Append(Escape(line.Parts[0])).Append("</a></p>\n");
                break;
            default:
                html.Append("<p style=\"margin:0 0 16px\">").AppendJoin("<br>\n", line.Parts.Select(Escape)).Append("</p>\n");
                break;
        }
    }

    internal static string Escape(string text) => Encoder.Encode(text);
}
