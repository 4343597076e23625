using Microsoft.Extensions.Primitives;

namespace Quitanda.Host;

/// <summary>Swagger UI at <c>/docs</c>, from the process's own files: it works with no network but the one to this host.</summary>
internal static class Docs
{
    private const string Path = "/docs";

    /// <summary>
    /// What the page needs and nothing more: its own scripts, styles and requests. The styles it sets while it runs, and the pictures inside its style
    /// sheet, are its own too but have no address.
    /// </summary>
    private static readonly StringValues ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseDocs(this WebApplication app)
    {
        // Only for its own path, so that no other request passes through it.
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), docs =>
        {
            docs.Use((context, next) =>
            {
                context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
                return next(context);
            });
            docs.UseSwaggerUI(ui =>
            {
                ui.RoutePrefix = Path[1..];
                ui.DocumentTitle = "Quitanda";
                ui.SwaggerEndpoint("/openapi/v1.json", "Quitanda v1");
                ui.ConfigObject.DisplayOperationId = true;
                ui.ConfigObject.DeepLinking = true;
                ui.ConfigObject.DisplayRequestDuration = true;
            });
        });
    }
}
