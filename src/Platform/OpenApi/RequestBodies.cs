using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>What an operation takes: a body that the framework binds, or one that its use case reads itself.</summary>
internal static class RequestBodies
{
    /// <summary>The body of a route; null where it has none.</summary>
    public static OpenApiRequestBody? Of(Route route, Schemas schemas) =>
        route.Accepts is { } accepts ? Of(accepts, schemas) : route.Streamed is { } streamed ? Of(streamed, schemas) : null;

    private static OpenApiRequestBody Of(IAcceptsMetadata accepts, Schemas schemas) => new()
    {
        Required = !accepts.IsOptional,
        Content = accepts.ContentTypes.ToDictionary(
            type => type,
            type => new OpenApiMediaType { Schema = accepts.RequestType is { } request ? schemas.Of(request, Way.Request) : new OpenApiSchema { Type = JsonSchemaType.String } },
            StringComparer.Ordinal),
    };

    private static OpenApiRequestBody Of(StreamedBody streamed, Schemas schemas) => new()
    {
        Required = true,
        Content = streamed.ContentTypes.ToDictionary(type => type, type => new OpenApiMediaType { Schema = schemas.Of(type == "multipart/form-data" ? streamed.Form ?? typeof(Stream) : typeof(Stream), Way.Request) }, StringComparer.Ordinal),
    };
}
