using System.Buffers.Binary;
using Quitanda.Platform;

namespace Quitanda.Files.Formats;

/// <summary>The bytes of a file from its start on, through one small buffer. Its end in the wrong place is <see cref="Malformed"/>.</summary>
internal sealed class ByteSource
{
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _at;
    private int _end;

    public ByteSource(Stream stream, long from = 0)
    {
        stream.Position = from;
        _stream = stream;
    }

    /// <summary>How many bytes there are.</summary>
    public long Length => _stream.Length;

    /// <summary>What is refused when a file is not built as its format says.</summary>
    public static RefusedException Malformed(string why) => new("malformed_file", $"The file is not well-formed: {why}.", 400);

    public byte Byte() => _at < _end || Refill() ? _buffer[_at++] : throw Malformed("it ends too early");

    public void Fill(Span<byte> into)
    {
        while (into.Length > 0)
        {
            if (_at == _end && !Refill())
                throw Malformed("it ends too early");
            var more = Math.Min(into.Length, _end - _at);
            _buffer.AsSpan(_at, more).CopyTo(into);
            into = into[more..];
            _at += more;
        }
    }

    public byte[] Take(int count)
    {
        var taken = new byte[count];
        Fill(taken);
        return taken;
    }

    public void Skip(long count) => Pass(count, static _ => { });

    public void Copy(long count, Stream target) => Pass(count, target.Write);

    /// <summary>Hands the next <paramref name="count"/> bytes on, in pieces.</summary>
    public void Pass(long count, PieceTaker piece)
    {
        while (count > 0)
        {
            if (_at == _end && !Refill())
                throw Malformed("it ends too early");
            var more = (int)Math.Min(count, _end - _at);
            piece(_buffer.AsSpan(_at, more));
            _at += more;
            count -= more;
        }
    }

    /// <summary>Copies up to the next byte of this value, which stays.</summary>
    public void CopyUntil(byte value, Stream target)
    {
        while (true)
        {
            if (_at == _end && !Refill())
                throw Malformed("it ends too early");
            var found = _buffer.AsSpan(_at, _end - _at).IndexOf(value);
            var more = found < 0 ? _end - _at : found;
            target.Write(_buffer, _at, more);
            _at += more;
            if (found >= 0)
                return;
        }
    }

    public ushort BigEndian16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    private bool Refill()
    {
        _at = 0;
        _end = _stream.Read(_buffer);
        return _end > 0;
    }

    internal delegate void PieceTaker(ReadOnlySpan<byte> piece);
}
