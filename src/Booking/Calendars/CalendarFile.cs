using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Booking.Calendars;

/// <summary>An iCalendar object on its way out. Whoever has this version already is told so.</summary>
internal sealed class CalendarFile(byte[] content) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    private const string ContentType = "text/calendar";

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), [ContentType]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified));
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.CacheControl = "private, no-cache";
        headers.ContentDisposition = "attachment; filename=\"calendar.ics\"";
        return TypedResults.Bytes(content, $"{ContentType}; charset=utf-8", entityTag: new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"")).ExecuteAsync(httpContext);
    }
}
