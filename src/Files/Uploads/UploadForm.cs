using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Quitanda.Files.Files;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>What a form of one file says.</summary>
/// <param name="SentName">As it was sent: nothing to rely on.</param>
/// <param name="Visibility">Who may fetch it.</param>
/// <param name="Sha256">Of the file's bytes as they were sent.</param>
internal sealed record UploadForm(string? SentName, Visibility Visibility, byte[] Sha256)
{
    /// <summary>As long as a boundary may be (RFC 2046, 5.1.1).</summary>
    private const int BoundaryAtMost = 70;

    private const int HeadersAtMost = 8;
    private const int HeaderBytesAtMost = 4096;
    private const int FieldBytesAtMost = 100;

    /// <summary>Bytes that a form has beside its file: the other field, and what stands around both.</summary>
    public const int BytesBesideFile = 64 * 1024;

    /// <summary>Reads a form of RFC 7578 while it arrives: the file goes to <paramref name="spool"/>, and no part is ever whole in memory.</summary>
    /// <exception cref="RefusedException"><c>unsupported_media_type</c>, <c>malformed_multipart</c>, <c>unknown_field</c> or <c>payload_too_large</c>.</exception>
    /// <exception cref="InvalidException">A part is missing, comes twice or has a value that it cannot have.</exception>
    public static async Task<UploadForm> Read(HttpRequest request, FileStream spool, long bytesAtMost, CancellationToken ct)
    {
        var reader = new MultipartReader(BoundaryOf(request), request.Body) { HeadersCountLimit = HeadersAtMost, HeadersLengthLimit = HeaderBytesAtMost };
        try
        {
            return await Read(reader, spool, bytesAtMost, ct);
        }
        catch (Exception error) when (error is InvalidDataException || (error is IOException && error is not BadHttpRequestException && !ct.IsCancellationRequested))
        {
            throw Malformed("it does not end, or a part of it has no proper beginning");
        }
    }

    private static async Task<UploadForm> Read(MultipartReader reader, FileStream spool, long bytesAtMost, CancellationToken ct)
    {
        byte[]? sha256 = null;
        string? sentName = null;
        Visibility? visibility = null;
        while (await reader.ReadNextSectionAsync(ct) is { } part)
        {
            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
                throw Malformed("a part does not say which field it is");
            var field = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
            switch (field)
            {
                case "file" when sha256 is null:
                    sentName = NameOf(disposition);
                    sha256 = await Spool.Fill(spool, part.Body, bytesAtMost, ct);
                    break;
                case "visibility" when visibility is null:
                    visibility = await VisibilityOf(part.Body, ct);
                    break;
                case "file" or "visibility":
                    throw new InvalidException(field, "comes twice; a form has one file.");
                default:
                    throw new RefusedException("unknown_field", $"'{Shown(field)}' is not a field of this form.", StatusCodes.Status400BadRequest);
            }
        }

        if (sha256 is null)
            throw new InvalidException("file", "is required.");
        if (spool.Length == 0)
            throw new InvalidException("file", "must not be empty.");
        return new(sentName, visibility ?? Visibility.Private, sha256);
    }

    private static string BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new RefusedException("unsupported_media_type", "The body must be multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        return HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= BoundaryAtMost } boundary ? boundary : throw Malformed("it has no proper boundary");
    }

    private static string? NameOf(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar is { HasValue: true, Length: > 0 } extended ? extended : disposition.FileName;
        return HeaderUtilities.RemoveQuotes(name).Value;
    }

    private static async Task<Visibility> VisibilityOf(Stream part, CancellationToken ct)
    {
        var buffer = new byte[FieldBytesAtMost];
        var length = await part.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        return Wire.Asked<Visibility>(Encoding.UTF8.GetString(buffer, 0, length), "visibility");
    }

    /// <summary>A field's name as it may be said back: what it is called is the client's own, however long.</summary>
    private static string Shown(string? field) => field is null ? "" : field.Length > 40 ? field[..40] : field;

    private static RefusedException Malformed(string why) => new("malformed_multipart", $"The body is not a form: {why}.", StatusCodes.Status400BadRequest);
}
