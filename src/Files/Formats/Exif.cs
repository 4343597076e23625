using System.Buffers.Binary;

namespace Quitanda.Files.Formats;

/// <summary>
/// The one thing of a camera's notes (Exif 2.32, a TIFF) that is needed to show an image: which way up it is. Where it was taken, when, and
/// with what is nobody's business.
/// </summary>
internal static class Exif
{
    private const ushort OrientationTag = 0x0112;
    private const ushort Short = 3;

    /// <summary>Entries of a directory that are looked at.</summary>
    private const int EntriesAtMost = 512;

    /// <summary>1, upright, to 8; 1 too where nothing legible is said.</summary>
    public static int Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return 1;
        var isLittle = tiff.StartsWith("II*\0"u8);
        if (!isLittle && !tiff.StartsWith("MM\0*"u8))
            return 1;

        var at = Read32(tiff[4..], isLittle);
        if (at > tiff.Length - 2)
            return 1;
        var directory = tiff[(int)at..];
        var entries = Math.Min((int)Read16(directory, isLittle), EntriesAtMost);
        for (var entry = 0; entry < entries && directory.Length >= 2 + 12 * (entry + 1); entry++)
        {
            var fields = directory.Slice(2 + 12 * entry, 12);
            if (Read16(fields, isLittle) == OrientationTag && Read16(fields[2..], isLittle) == Short && Read32(fields[4..], isLittle) == 1)
                return Read16(fields[8..], isLittle) is var orientation and >= 1 and <= 8 ? orientation : 1;
        }

        return 1;
    }

    /// <summary>A TIFF that says which way up and nothing else: always the same bytes for the same way.</summary>
    public static byte[] Only(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, OrientationTag >> 8, OrientationTag & 0xFF, 0, (byte)Short, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>The size as it is shown: from 5 on the image lies on its side.</summary>
    public static (int Width, int Height) Turned(int width, int height, int orientation) => orientation >= 5 ? (height, width) : (width, height);

    private static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool isLittle) => isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
