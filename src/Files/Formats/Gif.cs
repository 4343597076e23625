using System.Buffers.Binary;

namespace Quitanda.Files.Formats;

/// <summary>GIF (87a and 89a). Kept: the frames, their timing, and how often they repeat.</summary>
internal static class Gif
{
    private const byte Image = 0x2C;
    private const byte Extension = 0x21;
    private const byte Trailer = 0x3B;
    private const byte Timing = 0xF9;
    private const byte OfApplication = 0xFF;

    public static (int Width, int Height)? Clean(Stream source, Stream target, PixelLimit limit)
    {
        var bytes = new ByteSource(source);
        var screen = bytes.Take(13);
        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(screen.AsSpan(6)), BinaryPrimitives.ReadUInt16LittleEndian(screen.AsSpan(8)));
        limit.Hold(width, height);
        target.Write(screen);
        bytes.Copy(ColoursOf(screen[10]), target);

        // It belongs to the frame that follows; without one it has nothing to say.
        byte[]? timing = null;
        var hasImage = false;
        while (true)
        {
            switch (bytes.Byte())
            {
                case Image:
                    if (timing is not null)
                        target.Write([Extension, Timing, 4, .. timing, 0]);
                    timing = null;
                    Frame(bytes, target, width, height);
                    hasImage = true;
                    break;
                case Extension:
                    timing = Extended(bytes, target) ?? timing;
                    break;
                case Trailer when hasImage:
                    target.WriteByte(Trailer);
                    return (width, height);
                case var other:
                    throw ByteSource.Malformed($"a block of kind {other:X2} is wrong here");
            }
        }
    }

    private static int ColoursOf(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static void Frame(ByteSource bytes, Stream target, int width, int height)
    {
        var frame = bytes.Take(9);
        int Number(int at) => BinaryPrimitives.ReadUInt16LittleEndian(frame.AsSpan(at));
        if (Number(4) == 0 || Number(6) == 0 || Number(0) + Number(4) > width || Number(2) + Number(6) > height)
            throw ByteSource.Malformed("a frame does not fit onto the screen");
        target.WriteByte(Image);
        target.Write(frame);
        bytes.Copy(ColoursOf(frame[8]), target);

        var bits = bytes.Byte();
        if (bits is < 2 or > 8)
            throw ByteSource.Malformed("a frame's codes have no size");
        target.WriteByte(bits);
        Blocks(bytes, target);
    }

    /// <summary>Reads an extension and writes the one that is kept; gives the timing of the next frame.</summary>
    private static byte[]? Extended(ByteSource bytes, Stream target)
    {
        var kind = bytes.Byte();
        if (kind == Timing)
        {
            if (bytes.Byte() != 4)
                throw ByteSource.Malformed("a frame's timing is not one");
            var timing = bytes.Take(4);
            return bytes.Byte() == 0 ? timing : throw ByteSource.Malformed("a frame's timing is not one");
        }

        if (kind == OfApplication)
        {
            var name = bytes.Take(bytes.Byte());
            if (name.AsSpan().SequenceEqual("NETSCAPE2.0"u8) || name.AsSpan().SequenceEqual("ANIMEXTS1.0"u8))
            {
                Repeats(bytes, target, name);
                return null;
            }
        }

        Blocks(bytes, Stream.Null);
        return null;
    }

    /// <summary>How often the frames repeat; whatever else is said beside it is left out.</summary>
    private static void Repeats(ByteSource bytes, Stream target, byte[] name)
    {
        for (var length = bytes.Byte(); length != 0; length = bytes.Byte())
        {
            var block = bytes.Take(length);
            if (length == 3 && block[0] == 1)
                target.Write([Extension, OfApplication, (byte)name.Length, .. name, 3, .. block, 0]);
        }
    }

    private static void Blocks(ByteSource bytes, Stream target)
    {
        byte length;
        do
        {
            length = bytes.Byte();
            target.WriteByte(length);
            bytes.Copy(length, target);
        }
        while (length != 0);
    }
}
