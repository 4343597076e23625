using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Quitanda.Accounts;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>A page on its way out, for whoever follows the link of a mail with a browser where no front end has a page for it. It runs, loads and sends nothing but its own button.</summary>
internal sealed class ExitPage(string html) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    public const string ContentType = "text/html";

    public const string Style = """
        body { margin: 0 auto; max-width: 36rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: #1d1d1b; background: #fff }
        button { padding: .75rem 1.25rem; border: 0; border-radius: 6px; font: inherit; color: #fff; background: #0b5c3b }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src {InlineStyle.SourceOf(Style)}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [ContentType]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(html, $"{ContentType}; charset=utf-8").ExecuteAsync(httpContext);
    }
}

/// <summary>Writes the pages behind the links in mails, in the language of those whose mails they are. Whose those are, they do not say.</summary>
internal sealed class ExitPages(IAccounts accounts, ILetterhead letterhead, IOptions<MailSettings> mail)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly Phrases Asking = new(typeof(Facts),
        "Não receber mais e-mails deste tipo?\n\nA {shop} não enviará mais e-mails do tipo {kind}.", "No more e-mails of this kind?\n\n{shop} will send you no more e-mails of the kind {kind}.");

    private static readonly Phrases Done = new(typeof(Facts),
        "Pronto\n\nA {shop} não envia mais e-mails do tipo {kind}.", "Done\n\n{shop} sends you no more e-mails of the kind {kind}.");

    private static readonly Phrases Button = new(typeof(Facts), "Não quero mais receber", "Send me no more");

    /// <summary>The tag of the language that the others are in.</summary>
    private static readonly Phrases Language = new(typeof(Facts), "pt-BR", "en");

    /// <summary>What the words are filled in from.</summary>
    internal sealed record Facts(string Kind);

    /// <summary>Whether whoever asks is shown pages: it names them, and not JSON. What is answered then says that it went by that.</summary>
    public static bool AreWanted(HttpContext http)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        return MediaTypeHeaderValue.TryParseList([.. http.Request.Headers.Accept.OfType<string>()], out var types)
            && Names(ExitPage.ContentType) && !Names("application/json");

        bool Names(string type) => types.Any(asked => asked.Quality is null or > 0 && asked.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Asks whoever reads it, or says that it is so.</summary>
    public async Task<ExitPage> Write(Guid personId, NoticeKind kind, bool isOn, CancellationToken ct)
    {
        var (person, shop, facts) = (await accounts.FindReach(personId, ct), await letterhead.Read(ct), new Facts(kind.Name));
        var (title, body) = Said(isOn ? Asking : Done);
        return new($"""
            <!DOCTYPE html>
            <html lang="{Said(Language).Title}">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Encoder.Encode(title)}</title><style>{ExitPage.Style}</style></head>
            <body>
            <main><h1>{Encoder.Encode(title)}</h1>
            <p>{Encoder.Encode(body)}</p>
            {(isOn ? Form(Said(Button).Title) : "")}</main>
            </body>
            </html>

            """);

        (string Title, string Body) Said(Phrases words) => words.Fill(facts, person?.Locale, mail.Value.Locale, person?.Name ?? "", shop);
    }

    /// <summary>It leads to where the page is, which the address alone says.</summary>
    private static string Form(string label) => $"<form method=\"post\"><button>{Encoder.Encode(label)}</button></form>\n";
}
