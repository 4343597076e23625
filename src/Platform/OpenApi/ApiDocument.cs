using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>The finished document. Made when it is first asked for, so that it costs nothing at start, and kept: routes do not change afterwards.</summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider, IOptions<CompressionSettings> compression) : IDisposable
{
    public const string Name = "v1";
    public const string Path = "/openapi/v1.json";

    private readonly SemaphoreSlim _making = new(1, 1);
    private CachedAnswer? _made;

    public static void Add(IServiceCollection services)
    {
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // The framework finds the routes; the operations are ours, since its exporter of schemas throws on a parameter of Patch<T> with a default.
            options.ShouldInclude = _ => false;
            options.AddDocumentTransformer(new Description());
        });
        services.AddSingleton<ApiDocument>();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, async (ApiDocument document, HttpContext context) =>
        {
            return new PublicReads.Finished(await document.Answer(context.RequestAborted));
        }).AllowAnonymous().ExcludeFromDescription();

    /// <summary>The document in JSON, of OpenAPI 3.1.</summary>
    public async Task<CachedAnswer> Answer(CancellationToken ct)
    {
        if (_made is { } made)
            return made;
        await _making.WaitAsync(ct);
        try
        {
            return _made ??= await Make();
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();

    private async Task<CachedAnswer> Make()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return new(Path, bytes, "application/json; charset=utf-8", [], 0, compression.Value, keeper: null);
    }
}
