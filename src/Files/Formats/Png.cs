using System.Buffers.Binary;
using System.Text;

namespace Quitanda.Files.Formats;

/// <summary>PNG (W3C, third edition), moving or not. Kept: the image, its colours and transparency, its density, and which way up.</summary>
internal static class Png
{
    /// <summary>Bytes of camera's notes that are looked into.</summary>
    private const int NotesAtMost = 64 * 1024;

    /// <summary>What an image is made of or shown by. All else may be left out, as its name says in the case of its letters.</summary>
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT",
    };

    private static readonly uint[] Crcs = MakeCrcs();

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public static (int Width, int Height)? Clean(Stream source, Stream target, PixelLimit limit)
    {
        var bytes = new ByteSource(source);
        bytes.Skip(Signature.Length);
        target.Write(Signature);

        var (first, length) = Next(bytes);
        if (first != "IHDR" || length != 13)
            throw ByteSource.Malformed("it does not begin with its header");
        var header = bytes.Take(13);
        var (width, height) = SizeOf(header, limit);
        Checked(bytes, "IHDR", header);
        Write(target, "IHDR", header);

        var (hasPalette, needsPalette, orientation) = (false, header[9] == 3, 0);
        var image = Part.Before;
        while (true)
        {
            (var name, length) = Next(bytes);
            if (image == Part.Within && name != "IDAT")
                image = Part.After;
            switch (name)
            {
                case "IEND" when length == 0 && image == Part.After:
                    Checked(bytes, "IEND", []);
                    Write(target, "IEND", []);
                    return Exif.Turned(width, height, orientation);
                case "IHDR" or "IEND":
                case "IDAT" when image == Part.After || (needsPalette && !hasPalette):
                case "PLTE" when image != Part.Before || hasPalette || length is 0 or > 768 || length % 3 != 0:
                    throw ByteSource.Malformed($"its chunk {name} is wrong here");
                case "fcTL":
                    var frame = length == 26 ? bytes.Take(26) : throw ByteSource.Malformed("a frame has no measure");
                    RequireWithin(frame, width, height);
                    Checked(bytes, name, frame);
                    Write(target, name, frame);
                    break;
                case "eXIf" when orientation == 0:
                    orientation = Notes(bytes, length);
                    if (orientation > 1)
                        Write(target, name, Exif.Only(orientation));
                    break;
                case var _ when Kept.Contains(name):
                    if (name == "IDAT")
                        image = Part.Within;
                    hasPalette |= name == "PLTE";
                    Copy(bytes, name, length, target);
                    break;
                case var _ when char.IsAsciiLetterUpper(name[0]):
                    throw ByteSource.Malformed($"nobody knows its chunk {name}");
                default:
                    Copy(bytes, name, length, Stream.Null);
                    break;
            }
        }
    }

    private enum Part
    {
        Before,
        Within,
        After,
    }

    private static (string Name, long Length) Next(ByteSource bytes)
    {
        Span<byte> start = stackalloc byte[8];
        bytes.Fill(start);
        var length = BinaryPrimitives.ReadUInt32BigEndian(start);
        foreach (var letter in start[4..])
            if (!char.IsAsciiLetter((char)letter))
                throw ByteSource.Malformed("a chunk has no name");
        return length <= bytes.Length ? (Encoding.ASCII.GetString(start[4..]), length) : throw ByteSource.Malformed("a chunk is longer than the file");
    }

    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> header, PixelLimit limit)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        var (depth, colours) = (header[8], header[9]);
        var isKnown = colours switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!isKnown || header[10] != 0 || header[11] != 0 || header[12] > 1 || width > int.MaxValue || height > int.MaxValue)
            throw ByteSource.Malformed("its header says what cannot be");
        limit.Hold(width, height);
        return ((int)width, (int)height);
    }

    private static void RequireWithin(ReadOnlySpan<byte> frame, int width, int height)
    {
        static long Number(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32BigEndian(at);
        var (wide, high) = (Number(frame[4..]), Number(frame[8..]));
        if (wide == 0 || high == 0 || Number(frame[12..]) + wide > width || Number(frame[16..]) + high > height)
            throw ByteSource.Malformed("a frame does not fit into the image");
    }

    /// <summary>What the camera's notes say of which way up; they themselves stay behind.</summary>
    private static int Notes(ByteSource bytes, long length)
    {
        var notes = bytes.Take((int)Math.Min(length, NotesAtMost));
        var crc = Crc(Crc(uint.MaxValue, "eXIf"u8), notes);
        bytes.Pass(length - notes.Length, piece => crc = Crc(crc, piece));
        Require(bytes, crc);
        return Exif.Orientation(notes);
    }

    private static void Copy(ByteSource bytes, string name, long length, Stream target)
    {
        Span<byte> start = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(start, (uint)length);
        Encoding.ASCII.GetBytes(name, start[4..]);
        target.Write(start);
        var crc = Crc(uint.MaxValue, start[4..]);
        bytes.Pass(length, piece =>
        {
            crc = Crc(crc, piece);
            target.Write(piece);
        });
        Require(bytes, crc);
        WriteCrc(target, crc);
    }

    private static void Checked(ByteSource bytes, string name, ReadOnlySpan<byte> data) => Require(bytes, Crc(Crc(uint.MaxValue, Encoding.ASCII.GetBytes(name)), data));

    private static void Require(ByteSource bytes, uint crc)
    {
        Span<byte> said = stackalloc byte[4];
        bytes.Fill(said);
        if (BinaryPrimitives.ReadUInt32BigEndian(said) != ~crc)
            throw ByteSource.Malformed("a chunk does not add up");
    }

    private static void Write(Stream target, string name, ReadOnlySpan<byte> data)
    {
        Span<byte> start = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(start, (uint)data.Length);
        Encoding.ASCII.GetBytes(name, start[4..]);
        target.Write(start);
        target.Write(data);
        WriteCrc(target, Crc(Crc(uint.MaxValue, start[4..]), data));
    }

    private static void WriteCrc(Stream target, uint crc)
    {
        Span<byte> end = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(end, ~crc);
        target.Write(end);
    }

    /// <summary>CRC-32 of ISO 3309, as the format's annex D has it, before its last inversion.</summary>
    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            crc = Crcs[(crc ^ value) & 0xFF] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeCrcs()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var crc = n;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
            table[n] = crc;
        }

        return table;
    }
}
