using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Quitanda.Platform.Mails;

/// <summary>The local mailbox as pages and as JSON. Mapped only where it is the transport; no part of the API.</summary>
internal static class MailboxPages
{
    public const string Path = "/dev/mail";

    private const string Style = """
        body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: #1d1d1b; background: #fff }
        table { width: 100%; border-collapse: collapse } th, td { padding: .4rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd }
        a { color: #0b5c3b } pre { white-space: pre-wrap; padding: 1rem; background: #f3f1ec } iframe { width: 100%; height: 40rem; border: 1px solid #ddd }
        """;

    /// <summary>The page's own style and nothing else: what a mail brings along cannot run, load or send anything.</summary>
    private static readonly string PagePolicy =
        $"default-src 'none'; style-src {InlineStyle.SourceOf(Style)}; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>A mail styles itself in its elements. It lies in a frame of the page, sandboxed there and, for who opens it by itself, here.</summary>
    private const string MailPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var mailbox = routes.MapGroup(Path).AllowAnonymous().WithMetadata(new IgnoresAccessToken()).ExcludeFromDescription();
        mailbox.MapGet("", async (LocalMailbox mails, HttpContext http, CancellationToken ct) => Page(http, "Mails", List(await mails.All(ct))));
        mailbox.MapGet("/{id:guid}", async (Guid id, LocalMailbox mails, HttpContext http, CancellationToken ct) =>
            await mails.Find(id, ct) is { } mail ? (IResult)Page(http, mail.Subject, One(mail)) : TypedResults.NotFound());
        mailbox.MapGet("/{id:guid}/html", async (Guid id, LocalMailbox mails, HttpContext http, CancellationToken ct) =>
            await mails.Find(id, ct) is { } mail ? (IResult)Framed(http, mail.Html) : TypedResults.NotFound());

        routes.MapGet($"{Path}.json", async (LocalMailbox mails, HttpContext http, CancellationToken ct) => Data(http, new { data = await mails.All(ct) }))
            .AllowAnonymous().WithMetadata(new IgnoresAccessToken()).ExcludeFromDescription();
        mailbox.MapGet("/{id:guid}.json", async (Guid id, LocalMailbox mails, HttpContext http, CancellationToken ct) =>
            await mails.Find(id, ct) is { } mail ? (IResult)Data(http, mail) : TypedResults.NotFound());
    }

    private static JsonHttpResult<T> Data<T>(HttpContext http, T value)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(value, Wire.Json);
    }

    private static ContentHttpResult Framed(HttpContext http, string html)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = MailPolicy;
        http.Response.Headers.XFrameOptions = "SAMEORIGIN";
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    private static ContentHttpResult Page(HttpContext http, string title, string body)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = PagePolicy;
        return TypedResults.Content($"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Layout.Escape(title)}</title><style>{Style}</style></head>
            <body>
            {body}
            </body>
            </html>

            """, "text/html; charset=utf-8");
    }

    private static string List(List<LocalMailbox.Kept> mails)
    {
        if (mails.Count == 0)
            return "<main><h1>Mails</h1><p>Nothing was written yet.</p></main>";
        var rows = new StringBuilder();
        foreach (var mail in mails)
            rows.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{When(mail)}</td><td>{Layout.Escape(mail.ToName)} &lt;{Layout.Escape(mail.ToAddress)}&gt;</td><td><a href="{Path}/{mail.Id}">{Layout.Escape(mail.Subject)}</a></td></tr>

                """);
        return $"""
            <main><h1>Mails</h1>
            <p>What would have been sent, the newest first. The same as <a href="{Path}.json">JSON</a>.</p>
            <table><thead><tr><th scope="col">When (UTC)</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead><tbody>
            {rows}</tbody></table></main>
            """;
    }

    private static string One(LocalMailbox.Kept mail) => $"""
        <main><p><a href="{Path}">All mails</a></p>
        <h1>{Layout.Escape(mail.Subject)}</h1>
        <table><tbody>
        <tr><th scope="row">From</th><td>{Layout.Escape(mail.FromName)} &lt;{Layout.Escape(mail.FromAddress)}&gt;</td></tr>
        <tr><th scope="row">To</th><td>{Layout.Escape(mail.ToName)} &lt;{Layout.Escape(mail.ToAddress)}&gt;</td></tr>
        <tr><th scope="row">When (UTC)</th><td>{When(mail)}</td></tr>
        <tr><th scope="row">Letter</th><td>{Layout.Escape(mail.Template)}, {Layout.Escape(mail.Locale)}; <a href="{Path}/{mail.Id}.json">JSON</a></td></tr>
        </tbody></table>
        <h2>As a page</h2>
        <iframe sandbox title="The mail as a page" src="{Path}/{mail.Id}/html"></iframe>
        <h2>As text</h2>
        <pre>{Layout.Escape(mail.Text)}</pre></main>
        """;

    private static string When(LocalMailbox.Kept mail) => mail.CreatedAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
