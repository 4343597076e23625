using System.Buffers.Binary;
using System.Text;

namespace Quitanda.Files.Formats;

/// <summary>WebP (RFC 9649), moving or not. Kept: the image, its transparency and colour profile, and which way up.</summary>
internal static class Webp
{
    private const int HeaderLength = 12;
    private const byte HasProfile = 0x20;
    private const byte HasAlpha = 0x10;
    private const byte HasNotes = 0x08;
    private const byte Moves = 0x02;

    /// <summary>Chunks that a file may have, frames included: thousands of empty ones would cost more to remember than to send.</summary>
    private const int ChunksAtMost = 10_000;

    private const int NotesAtMost = 64 * 1024;

    public static (int Width, int Height)? Clean(Stream source, Stream target, PixelLimit limit)
    {
        var chunks = Chunks(source, HeaderLength, EndOf(source)).ToList();
        if (chunks is not [var first, ..])
            throw ByteSource.Malformed("it holds no image");
        var (size, kept, orientation) = first.Name == "VP8X" ? Extended(source, chunks, limit) : (FrameOf(source, first, limit), [first], 1);

        Span<byte> header = stackalloc byte[HeaderLength];
        "RIFF"u8.CopyTo(header);
        var notes = orientation > 1 ? Exif.Only(orientation) : [];
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(4 + kept.Sum(chunk => 8 + chunk.Padded) + (notes.Length > 0 ? 8 + notes.Length : 0)));
        "WEBP"u8.CopyTo(header[8..]);
        target.Write(header);
        foreach (var chunk in kept)
            Write(source, target, chunk, flags: chunk.Name == "VP8X" ? FlagsOf(source, chunk, kept, notes.Length > 0) : null);
        if (notes.Length > 0)
        {
            WriteStart(target, "EXIF", notes.Length);
            target.Write(notes);
        }

        return Exif.Turned(size.Width, size.Height, orientation);
    }

    /// <summary>Where the RIFF container ends. What stands behind it is none of the image.</summary>
    private static long EndOf(Stream source)
    {
        var start = Bytes(source, 4, 4);
        var end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(start);
        // Some writers leave out the last byte of padding, and count it all the same.
        return end <= source.Length + 1 ? Math.Min(end, source.Length) : throw ByteSource.Malformed("it ends too early");
    }

    private static IEnumerable<Chunk> Chunks(Stream source, long from, long end)
    {
        var count = 0;
        for (var at = from; at < end;)
        {
            if (end - at < 8 || ++count > ChunksAtMost)
                throw ByteSource.Malformed("its chunks are not ones");
            var start = Bytes(source, at, 8);
            var chunk = new Chunk(Encoding.Latin1.GetString(start, 0, 4), at + 8, BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(4)));
            if (chunk.At + chunk.Length > end)
                throw ByteSource.Malformed("a chunk is longer than the file");
            yield return chunk;
            at = chunk.At + chunk.Padded;
        }
    }

    private static ((int Width, int Height) Size, List<Chunk> Kept, int Orientation) Extended(Stream source, List<Chunk> chunks, PixelLimit limit)
    {
        var canvas = chunks[0].Length == 10 ? Bytes(source, chunks[0].At, 10) : throw ByteSource.Malformed("its header is not one");
        var size = (Width: 1 + Number24(canvas, 4), Height: 1 + Number24(canvas, 7));
        limit.Hold(size.Width, size.Height);

        var orientation = 0;
        List<Chunk> kept = [];
        foreach (var chunk in chunks)
            switch (chunk.Name)
            {
                case "VP8X" when kept.Count == 0:
                case "ICCP" when kept.Count == 1:
                case "ANIM" when chunk.Length == 6 && kept.TrueForAll(before => before.Name is "VP8X" or "ICCP"):
                case "ALPH" when kept.TrueForAll(before => before.Name is "VP8X" or "ICCP"):
                    kept.Add(chunk);
                    break;
                case "VP8 " or "VP8L" when kept.TrueForAll(before => before.Name is "VP8X" or "ICCP" or "ALPH"):
                    if (FrameOf(source, chunk, limit) != size)
                        throw ByteSource.Malformed("its image is not as large as it says");
                    kept.Add(chunk);
                    break;
                case "ANMF" when kept.Exists(before => before.Name == "ANIM"):
                    Frame(source, chunk, size, limit);
                    kept.Add(chunk);
                    break;
                case "EXIF" when orientation == 0:
                    orientation = Notes(source, chunk);
                    break;
                case "VP8X" or "ICCP" or "ANIM" or "ALPH" or "VP8 " or "VP8L" or "ANMF":
                    throw ByteSource.Malformed($"its chunk {chunk.Name.Trim()} is wrong here");
            }

        return kept[^1].Name is "VP8 " or "VP8L" or "ANMF" ? (size, kept, Math.Max(orientation, 1)) : throw ByteSource.Malformed("it holds no image");
    }

    /// <summary>Holds a moving image's frame to what one may have in it.</summary>
    private static void Frame(Stream source, Chunk chunk, (int Width, int Height) canvas, PixelLimit limit)
    {
        var frame = chunk.Length >= 16 ? Bytes(source, chunk.At, 16) : throw ByteSource.Malformed("a frame is not one");
        var size = (Width: 1 + Number24(frame, 6), Height: 1 + Number24(frame, 9));
        if (2 * Number24(frame, 0) + size.Width > canvas.Width || 2 * Number24(frame, 3) + size.Height > canvas.Height)
            throw ByteSource.Malformed("a frame does not fit into the image");
        var parts = Chunks(source, chunk.At + 16, chunk.At + chunk.Length).ToList();
        var isFrame = parts is [{ Name: "VP8 " or "VP8L" }] or [{ Name: "ALPH" }, { Name: "VP8 " }];
        if (!isFrame || FrameOf(source, parts[^1], limit) != size)
            throw ByteSource.Malformed("a frame is not one");
    }

    /// <summary>The size that compressed data itself states (RFC 6386, 9.1, and RFC 9649, 3.4).</summary>
    private static (int Width, int Height) FrameOf(Stream source, Chunk chunk, PixelLimit limit)
    {
        if (chunk.Length < 10 || chunk.Name is not ("VP8 " or "VP8L"))
            throw ByteSource.Malformed("it holds no image");
        var data = Bytes(source, chunk.At, 10);
        (int Width, int Height) size;
        if (chunk.Name == "VP8 ")
        {
            if ((data[0] & 1) != 0 || !data.AsSpan(3).StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
                throw ByteSource.Malformed("its image does not begin as one");
            size = (BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(6)) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(8)) & 0x3FFF);
        }
        else
        {
            if (data[0] != 0x2F || data[4] >> 5 != 0)
                throw ByteSource.Malformed("its image does not begin as one");
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(1));
            size = ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }

        limit.Hold(size.Width, size.Height);
        return size;
    }

    private static int Notes(Stream source, Chunk chunk)
    {
        var notes = Bytes(source, chunk.At, (int)Math.Min(chunk.Length, NotesAtMost)).AsSpan();
        // Some writers put JPEG's own beginning before it.
        return Exif.Orientation(notes.StartsWith("Exif\0\0"u8) ? notes[6..] : notes);
    }

    /// <summary>What the header says is there, as it is now.</summary>
    private static byte FlagsOf(Stream source, Chunk header, List<Chunk> kept, bool hasNotes)
    {
        var flags = (byte)(Bytes(source, header.At, 1)[0] & HasAlpha);
        if (kept.Exists(chunk => chunk.Name == "ICCP"))
            flags |= HasProfile;
        if (kept.Exists(chunk => chunk.Name == "ANMF"))
            flags |= Moves;
        return hasNotes ? (byte)(flags | HasNotes) : flags;
    }

    private static void Write(Stream source, Stream target, Chunk chunk, byte? flags)
    {
        WriteStart(target, chunk.Name, chunk.Length);
        var bytes = new ByteSource(source, chunk.At);
        if (flags is { } stated)
        {
            target.Write([stated, 0, 0, 0]);
            bytes.Skip(4);
        }

        bytes.Copy(chunk.Length - (flags is null ? 0 : 4), target);
        if (chunk.Padded > chunk.Length)
            target.WriteByte(0);
    }

    private static void WriteStart(Stream target, string name, long length)
    {
        Span<byte> start = stackalloc byte[8];
        Encoding.Latin1.GetBytes(name, start);
        BinaryPrimitives.WriteUInt32LittleEndian(start[4..], (uint)length);
        target.Write(start);
    }

    private static int Number24(byte[] bytes, int at) => bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;

    private static byte[] Bytes(Stream source, long at, int count)
    {
        var bytes = new byte[count];
        source.Position = at;
        return source.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw ByteSource.Malformed("it ends too early");
    }

    private readonly record struct Chunk(string Name, long At, long Length)
    {
        public long Padded => Length + (Length & 1);
    }
}
