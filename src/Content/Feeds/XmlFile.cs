using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Content.Feeds;

/// <summary>
/// An XML document on its way out. Whoever has this version already is told so, by its bytes: when something in it was changed last says nothing of what is not in it any more.
/// </summary>
internal sealed class XmlFile(byte[] content, string contentType) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    public const string Atom = "application/atom+xml";
    public const string Plain = "application/xml";

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        // A feed is the one that says so in its name.
        var type = method.DeclaringType == typeof(ShowPostFeed) ? Atom : Plain;
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), [type]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified));
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(content, $"{contentType}; charset=utf-8", entityTag: new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"")).ExecuteAsync(httpContext);
    }

    /// <summary>Writes a document.</summary>
    public static byte[] Write(Action<XmlWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CloseOutput = false }))
        {
            xml.WriteStartDocument();
            write(xml);
            xml.WriteEndDocument();
        }

        return buffer.ToArray();
    }

    /// <summary>Text without what XML has no way to write, such as most controls.</summary>
    public static string Text(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '\uD7FF') < 0)
            return text;
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is 0x9 or 0xA or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or >= 0x10000)
                kept.Append(rune);
        return kept.ToString();
    }

    /// <summary>An instant as both formats write it (RFC 3339).</summary>
    public static string Instant(DateTimeOffset at) => XmlConvert.ToString(at.UtcDateTime, "yyyy-MM-dd'T'HH:mm:ss'Z'");
}
