using System.Buffers.Binary;

namespace Quitanda.Files.Formats;

/// <summary>JPEG (ITU T.81, in the JFIF and Exif forms). Kept: tables, frames, scans, the colour profile, Adobe's word on colours, and which way up.</summary>
internal static class Jpeg
{
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte QuantizationTables = 0xDB;
    private const byte HuffmanTables = 0xC4;
    private const byte RestartInterval = 0xDD;
    private const byte Jfif = 0xE0;
    private const byte ExifOrXmp = 0xE1;
    private const byte Profile = 0xE2;
    private const byte Adobe = 0xEE;
    private const byte Comment = 0xFE;

    private static ReadOnlySpan<byte> ExifName => "Exif\0\0"u8;

    public static (int Width, int Height)? Clean(Stream source, Stream target, PixelLimit limit)
    {
        var bytes = new ByteSource(source);
        bytes.Skip(2);
        target.Write([0xFF, 0xD8]);
        var orientation = 0;
        (int Width, int Height)? size = null;
        var hasScan = false;
        var next = Marker(bytes);
        while (true)
        {
            var marker = next;
            if (marker == EndOfImage)
            {
                if (size is not { } known || !hasScan)
                    throw ByteSource.Malformed("it holds no image");
                target.Write([0xFF, EndOfImage]);
                return Exif.Turned(known.Width, known.Height, orientation);
            }

            var content = Content(bytes);
            switch (marker)
            {
                // Baseline, extended and progressive: what browsers show.
                case 0xC0 or 0xC1 or 0xC2 when size is null:
                    size = SizeOf(content, limit);
                    Write(target, marker, content);
                    break;
                case StartOfScan when size is not null && content.Length >= 6 && content.Length == 4 + 2 * content[0]:
                    Write(target, marker, content);
                    next = Scan(bytes, target);
                    hasScan = true;
                    continue;
                case QuantizationTables when AreQuantizationTables(content):
                case HuffmanTables when AreHuffmanTables(content):
                case RestartInterval when content.Length == 2:
                    Write(target, marker, content);
                    break;
                case Jfif when content.AsSpan().StartsWith("JFIF\0"u8) && content.Length >= 14:
                    // Without its thumbnail, which may show what was cut away since.
                    Write(target, marker, [.. content.AsSpan(0, 12), 0, 0]);
                    break;
                case ExifOrXmp when orientation == 0 && content.AsSpan().StartsWith(ExifName):
                    orientation = Exif.Orientation(content.AsSpan(ExifName.Length));
                    if (orientation > 1)
                        Write(target, marker, [.. ExifName, .. Exif.Only(orientation)]);
                    break;
                case Profile when content.AsSpan().StartsWith("ICC_PROFILE\0"u8):
                    Write(target, marker, content);
                    break;
                case Adobe when content.AsSpan().StartsWith("Adobe"u8) && content.Length >= 12:
                    Write(target, marker, content.AsSpan(0, 12));
                    break;
                case >= 0xE0 and <= 0xEF or Comment:
                    break;
                default:
                    throw ByteSource.Malformed($"a segment of kind {marker:X2} is wrong here");
            }

            next = Marker(bytes);
        }
    }

    /// <summary>The kind of the next segment. Padding before it is passed over; anything else is not.</summary>
    private static byte Marker(ByteSource bytes)
    {
        if (bytes.Byte() != 0xFF)
            throw ByteSource.Malformed("something stands between its segments");
        byte marker;
        do
            marker = bytes.Byte();
        while (marker == 0xFF);
        return marker;
    }

    private static byte[] Content(ByteSource bytes)
    {
        var length = bytes.BigEndian16();
        return length >= 2 ? bytes.Take(length - 2) : throw ByteSource.Malformed("a segment is shorter than its own length");
    }

    private static (int Width, int Height) SizeOf(byte[] frame, PixelLimit limit)
    {
        if (frame.Length < 9 || frame.Length != 6 + 3 * frame[5] || frame[5] is not (1 or 3 or 4))
            throw ByteSource.Malformed("its frame is not one");
        var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(1)), BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(3)));
        limit.Hold(width, height);
        return (width, height);
    }

    /// <summary>Copies the compressed data of a scan, with its restarts, and gives the kind of the segment behind it.</summary>
    private static byte Scan(ByteSource bytes, Stream target)
    {
        while (true)
        {
            bytes.CopyUntil(0xFF, target);
            var kind = Marker(bytes);
            if (kind is not (0 or (>= 0xD0 and <= 0xD7)))
                return kind;
            target.Write([0xFF, kind]);
        }
    }

    private static bool AreQuantizationTables(ReadOnlySpan<byte> tables)
    {
        while (tables.Length > 0)
        {
            var length = 1 + (tables[0] >> 4 == 0 ? 64 : 128);
            if (tables[0] >> 4 > 1 || (tables[0] & 15) > 3 || tables.Length < length)
                return false;
            tables = tables[length..];
        }

        return true;
    }

    private static bool AreHuffmanTables(ReadOnlySpan<byte> tables)
    {
        while (tables.Length > 0)
        {
            if (tables.Length < 17 || tables[0] >> 4 > 1 || (tables[0] & 15) > 3)
                return false;
            var length = 17;
            foreach (var count in tables[1..17])
                length += count;
            if (length > 17 + 256 || tables.Length < length)
                return false;
            tables = tables[length..];
        }

        return true;
    }

    private static void Write(Stream target, byte marker, ReadOnlySpan<byte> content)
    {
        target.Write([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2)]);
        target.Write(content);
    }
}
