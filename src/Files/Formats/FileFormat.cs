using Quitanda.Platform;

namespace Quitanda.Files.Formats;

/// <summary>What a file's bytes prove it to be, without what need not be known of it.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Width">Pixels, as it is shown; null where it is no image.</param>
/// <param name="Height">Pixels, as it is shown; null where it is no image.</param>
internal sealed record Proven(FileFormat Format, int? Width, int? Height);

/// <summary>How large an image may be once it is unpacked.</summary>
/// <param name="Most">Width times height.</param>
internal readonly record struct PixelLimit(long Most)
{
    /// <summary>Holds an image to the limit.</summary>
    /// <exception cref="RefusedException">It has more pixels, or none.</exception>
    public void Hold(long width, long height)
    {
        if (width <= 0 || height <= 0)
            throw ByteSource.Malformed("it has no pixels");
        if (width * height > Most)
            throw new RefusedException("image_too_large", $"The image has {width} x {height} pixels; at most {Most} in all are taken.", 400);
    }
}

/// <summary>A kind of file that is taken: how it is known, and how a copy is made that holds only what is needed to show it.</summary>
/// <remarks>
/// A copy is written chunk by chunk from what the format knows. What it does not know, comments, places and times, and whatever stands behind
/// the end never reach it, so that a file which is also something else ceases to be that.
/// </remarks>
internal sealed class FileFormat
{
    /// <summary>Bytes at a file's start by which it is told.</summary>
    public const int HeadLength = 16;

    public static readonly FileFormat Jpeg = new("image/jpeg", [".jpg", ".jpeg", ".jpe", ".jfif"], static head => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]), Formats.Jpeg.Clean);
    public static readonly FileFormat Png = new("image/png", [".png", ".apng"], static head => head.StartsWith(Formats.Png.Signature), Formats.Png.Clean);
    public static readonly FileFormat Webp = new("image/webp", [".webp"], static head => head.Length > 8 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8), Formats.Webp.Clean);
    public static readonly FileFormat Gif = new("image/gif", [".gif"], static head => head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8), Formats.Gif.Clean);
    public static readonly FileFormat Pdf = new("application/pdf", [".pdf"], static head => head.StartsWith("%PDF-"u8), Formats.Pdf.Clean);

    private static readonly FileFormat[] Known = [Jpeg, Png, Webp, Gif, Pdf];

    private readonly Recogniser _isOne;
    private readonly Cleaner _clean;

    private FileFormat(string contentType, string[] extensions, Recogniser isOne, Cleaner clean) =>
        (ContentType, Extensions, _isOne, _clean) = (contentType, extensions, isOne, clean);

    private delegate bool Recogniser(ReadOnlySpan<byte> head);

    private delegate (int Width, int Height)? Cleaner(Stream source, Stream target, PixelLimit limit);

    /// <summary>Every content type that is taken.</summary>
    public static IReadOnlyList<string> ContentTypes { get; } = [.. Known.Select(format => format.ContentType)];

    public string ContentType { get; }

    /// <summary>What its names end in; the first is given to one that ends otherwise.</summary>
    public IReadOnlyList<string> Extensions { get; }

    public bool IsImage => this != Pdf;

    /// <summary>The format of this content type.</summary>
    public static FileFormat Of(string contentType) => Array.Find(Known, format => format.ContentType == contentType) ?? throw new ArgumentException($"{contentType} is not a type of ours.", nameof(contentType));

    /// <summary>Proves what <paramref name="source"/> is by walking all of it, and writes the copy that is kept. Doing so again to the copy changes nothing.</summary>
    /// <exception cref="RefusedException"><c>unsupported_media_type</c>, <c>malformed_file</c> or <c>image_too_large</c>.</exception>
    public static Proven Clean(Stream source, Stream target, PixelLimit limit)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        source.Position = 0;
        head = head[..source.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false)];
        foreach (var format in Known)
            if (format._isOne(head))
            {
                var size = format._clean(source, target, limit);
                target.Flush();
                return new(format, size?.Width, size?.Height);
            }

        throw new RefusedException("unsupported_media_type", "The file is neither JPEG, PNG, WebP, GIF nor PDF, whatever it is called.", 415);
    }
}
