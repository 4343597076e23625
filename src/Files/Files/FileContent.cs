using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Quitanda.Files.Formats;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>The bytes of a file on their way out, whole or in part, or the address at which the store gives them out itself.</summary>
internal sealed class FileContent(StoredFile file, Stream? content, Uri? elsewhere) : IResult, IEndpointMetadataProvider
{
    /// <summary>Whatever the bytes are, a browser that shows them runs nothing and fetches nothing.</summary>
    private const string ContentPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        string[] types = [.. FileFormat.ContentTypes];
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), types));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status206PartialContent, typeof(Stream), types));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status302Found));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (elsewhere is not null)
        {
            response.Headers.CacheControl = "no-store";
            response.Redirect(elsewhere.AbsoluteUri);
            return;
        }

        response.Headers.ContentSecurityPolicy = ContentPolicy;
        response.Headers.ContentDisposition = FileName.Disposition(file.Name, FileFormat.Of(file.ContentType));
        var isPublic = file.Visibility == Visibility.Public;
        // The bytes of an address never change, so what is public may be kept for good.
        response.Headers.CacheControl = isPublic ? "public, max-age=31536000, immutable" : "private, no-cache";
        if (isPublic)
            response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";

        // A HEAD has become a GET on its way here, whose bytes go nowhere; told what it is, the framework does not read them at all.
        if (ReferenceEquals(response.Body, Stream.Null))
            httpContext.Request.Method = HttpMethods.Head;
        await TypedResults.Stream(content!, file.ContentType, lastModified: file.UpdatedAt, entityTag: new($"\"{Convert.ToHexStringLower(file.Sha256!)}\""), enableRangeProcessing: true)
            .ExecuteAsync(httpContext);
        if (response.StatusCode is StatusCodes.Status412PreconditionFailed or StatusCodes.Status416RangeNotSatisfiable && !response.HasStarted)
        {
            response.Headers.Remove(HeaderNames.ContentDisposition);
            response.Headers.CacheControl = "no-store";
            await Problem.Of(response.StatusCode).ExecuteAsync(httpContext);
        }
    }
}
