using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Content.Posts;

/// <summary>301: what was asked for by an old slug has another now.</summary>
internal sealed class MovedPost(string slug) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status301MovedPermanently;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status301MovedPermanently));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        httpContext.Response.Headers.Location = $"/api/v1/posts/{slug}";
        // For good as far as anybody knows: but its author may take the old slug again.
        httpContext.Response.Headers.CacheControl = "no-cache";
        return Task.CompletedTask;
    }
}
