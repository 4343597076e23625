using System.Buffers.Binary;

namespace Quitanda.Files.Formats;

/// <summary>
/// PDF (ISO 32000). Its parts refer to each other by their places, so it is kept as it is: only ever offered for download, never shown by a browser of ours.
/// One that ends as another kind of file does is not taken.
/// </summary>
internal static class Pdf
{
    /// <summary>As far from the end as readers look for the mark that ends a document.</summary>
    private const int EndWithin = 1024;

    /// <summary>An archive's own ending: 22 bytes and a comment of up to 65,535 (PKWARE's APPNOTE, 4.3.16).</summary>
    private const int ArchiveEnd = 22;

    public static (int Width, int Height)? Clean(Stream source, Stream target, PixelLimit limit)
    {
        _ = limit;
        var head = Read(source, 0, 8);
        if (head.Length < 8 || head[5] is not ((byte)'1' or (byte)'2') || head[6] != '.' || !char.IsAsciiDigit((char)head[7]))
            throw ByteSource.Malformed("it names no version");

        var tail = Read(source, Math.Max(0, source.Length - ArchiveEnd - ushort.MaxValue), ArchiveEnd + ushort.MaxValue);
        var ending = tail.AsSpan(Math.Max(0, tail.Length - EndWithin));
        var mark = ending.LastIndexOf("%%EOF"u8);
        if (mark < 0 || ending[(mark + 5)..].IndexOfAnyExcept(" \t\r\n\0"u8) >= 0 || ending[..mark].LastIndexOf("startxref"u8) < 0)
            throw ByteSource.Malformed("it does not end as a document does");
        if (IsArchive(tail))
            throw ByteSource.Malformed("it is an archive too");

        source.Position = 0;
        source.CopyTo(target);
        return null;
    }

    /// <summary>Whether a reader of archives, which begins at the end, would find one.</summary>
    private static bool IsArchive(ReadOnlySpan<byte> tail)
    {
        for (var at = tail.LastIndexOf("PK\x05\x06"u8); at >= 0; at = tail[..at].LastIndexOf("PK\x05\x06"u8))
            if (tail.Length - at >= ArchiveEnd && BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]) <= tail.Length - at - ArchiveEnd)
                return true;
        return false;
    }

    private static byte[] Read(Stream source, long at, int atMost)
    {
        var bytes = new byte[Math.Min(atMost, source.Length - at)];
        source.Position = at;
        source.ReadExactly(bytes);
        return bytes;
    }
}
