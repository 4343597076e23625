using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Quitanda.Tests.Files;

/// <summary>Files made by hand, part by part, with whatever a test wants to smuggle in.</summary>
internal static class Samples
{
    /// <summary>What must never come out again.</summary>
    public const string Secret = "GPS 23.5505 S 46.6333 W, Rua Augusta 1508";

    public static readonly byte[] SecretBytes = Encoding.ASCII.GetBytes(Secret);

    // ---- PNG

    public static byte[] Png(int width = 3, int height = 2, byte[][]? beforeData = null, byte[][]? afterData = null, byte[]? behind = null, byte[]? data = null) =>
    [
        0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10,
        .. PngChunk("IHDR", [.. Big(width), .. Big(height), 8, 2, 0, 0, 0]),
        .. (beforeData ?? []).SelectMany(chunk => chunk),
        .. PngChunk("IDAT", data ?? PngPixels(width, height)),
        .. (afterData ?? []).SelectMany(chunk => chunk),
        .. PngChunk("IEND", []),
        .. behind ?? [],
    ];

    public static byte[] PngChunk(string name, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. data];
        return [.. Big(data.Length), .. named, .. Big((int)Crc(named))];
    }

    public static byte[] PngPixels(int width, int height)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[1 + 3 * Math.Min(width, 1000)];
            for (var y = 0; y < Math.Min(height, 1000); y++)
                zlib.Write(row);
        }

        return packed.ToArray();
    }

    // ---- JPEG

    public static byte[] Jpeg(int width = 16, int height = 8, byte[][]? segments = null, byte[]? scan = null, byte[]? behind = null, bool isProgressive = false) =>
    [
        0xFF, 0xD8,
        .. Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        .. (segments ?? []).SelectMany(segment => segment),
        .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
        .. Segment((byte)(isProgressive ? 0xC2 : 0xC0), [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]),
        .. Segment(0xC4, [0, 1, .. new byte[15], 0]),
        .. Segment(0xDA, [1, 1, 0, 0, 63, 0]),
        .. scan ?? JpegScan,
        0xFF, 0xD9,
        .. behind ?? [],
    ];

    /// <summary>Compressed data with a stuffed byte and a restart in it.</summary>
    public static readonly byte[] JpegScan = [0x12, 0x34, 0xFF, 0x00, 0x56, 0xFF, 0xD0, 0x78, 0x9A];

    public static byte[] Segment(byte kind, byte[] content) => [0xFF, kind, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    /// <summary>A camera's notes: which way up, and where it was taken.</summary>
    public static byte[] Notes(int orientation, bool isLittle = false) => isLittle
        ? [.. "II*\0"u8, 8, 0, 0, 0, 2, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0, .. SecretBytes]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 2, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, .. SecretBytes];

    public static byte[] JpegNotes(int orientation, bool isLittle = false) => Segment(0xE1, [.. "Exif\0\0"u8, .. Notes(orientation, isLittle)]);

    // ---- WebP

    public static byte[] Webp(int width = 20, int height = 10, params byte[][] more) => Riff([Vp8(width, height), .. more]);

    public static byte[] ExtendedWebp(int width, int height, byte flags, params byte[][] chunks) => Riff([WebpHeader(width, height, flags), .. chunks]);

    public static byte[] WebpHeader(int width, int height, byte flags) => WebpChunk("VP8X", [flags, 0, 0, 0, .. Little24(width - 1), .. Little24(height - 1)]);

    public static byte[] Riff(params byte[][] chunks)
    {
        byte[] content = [.. "WEBP"u8, .. chunks.SelectMany(chunk => chunk)];
        return [.. "RIFF"u8, .. Little(content.Length), .. content];
    }

    public static byte[] WebpChunk(string name, byte[] data) => [.. Encoding.ASCII.GetBytes(name), .. Little(data.Length), .. data, .. data.Length % 2 == 1 ? new byte[1] : []];

    public static byte[] Vp8(int width, int height) =>
        WebpChunk("VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 1, 2, 3]);

    public static byte[] Vp8L(int width, int height) =>
        WebpChunk("VP8L", [0x2F, .. Little((width - 1) | (height - 1) << 14), 7, 8, 9, 10, 11, 12, 13]);

    public static byte[] WebpFrame(int width, int height, params byte[][] parts) =>
        WebpChunk("ANMF", [0, 0, 0, 0, 0, 0, .. Little24(width - 1), .. Little24(height - 1), 100, 0, 0, 0, .. parts.SelectMany(part => part)]);

    // ---- GIF

    public static byte[] Gif(int width = 12, int height = 6, byte[][]? blocks = null, byte[]? behind = null) =>
    [
        .. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0x80, 0, 0, 0, 0, 0, 255, 255, 255,
        .. (blocks ?? []).SelectMany(block => block),
        .. GifFrame(width, height),
        0x3B,
        .. behind ?? [],
    ];

    public static byte[] GifFrame(int width, int height) => [0x2C, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0, 2, 3, 0x84, 0x1D, 0x05, 0];

    public static byte[] GifExtension(byte kind, params byte[][] blocks) => [0x21, kind, .. blocks.SelectMany(block => (byte[])[(byte)block.Length, .. block]), 0];

    // ---- PDF

    public static byte[] Pdf(byte[]? behind = null, byte[]? inside = null) =>
    [
        .. "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"u8,
        .. inside ?? [],
        .. "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n"u8,
        .. behind ?? [],
    ];

    /// <summary>An archive of one file, as any program writes it.</summary>
    public static byte[] Zip(byte[]? comment = null)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("evil.js").Open())
            entry.Write("alert(1)"u8);
        var bytes = stream.ToArray();
        if (comment is not null)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 2), (ushort)comment.Length);
            bytes = [.. bytes, .. comment];
        }

        return bytes;
    }

    public static bool Holds(this byte[] bytes, ReadOnlySpan<byte> part) => bytes.AsSpan().IndexOf(part) >= 0;

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Little(int value) => BitConverter.GetBytes(value);

    private static byte[] Little24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }

        return ~crc;
    }
}
