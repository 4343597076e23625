using System.IO.Compression;
using System.Security.Cryptography;

namespace Quitanda.Platform;

/// <summary>A finished answer: its bytes, in each coding that was asked for, and what it shows.</summary>
/// <param name="target">What it answers.</param>
/// <param name="body">Its bytes as they are.</param>
/// <param name="contentType">What they are.</param>
/// <param name="tags">What it shows.</param>
/// <param name="filledAt">When it was made.</param>
/// <param name="compression">Whether it is compressed for those who like that.</param>
/// <param name="keeper">Whoever counts its bytes; null where nobody does.</param>
internal sealed class CachedAnswer(string target, byte[] body, string contentType, string[] tags, long filledAt, CompressionSettings compression, ResponseCache? keeper)
{
    /// <summary>Made once and sent many times, so worth more than the least effort; the highest would be felt by whoever asks first.</summary>
    private const int BrotliQuality = 6;

    private const int BrotliWindow = 22;

    private readonly Lock _making = new();
    private Form? _brotli;
    private Form? _gzip;

    public string Target { get; } = target;
    public string ContentType { get; } = contentType;
    public string[] Tags { get; } = tags;
    public long FilledAt { get; } = filledAt;

    /// <summary>What it answers, for the measurements of requests that never come to routing.</summary>
    public PublicReads.KeptEndpoint? Endpoint { get; set; }

    /// <summary>The answer as it is.</summary>
    public Form Plain { get; } = new(body, null);

    /// <summary>Whether who accepts which coding makes a difference.</summary>
    public bool IsCompressible { get; } = compression.Enabled && body.Length >= compression.FromBytes;

    /// <summary>What it costs to keep: the bytes, the names, and the entries around them. Only its keeper changes it, or reads it once it is kept.</summary>
    public long Size { get; set; } = body.Length + 2 * (target.Length + tags.Sum(tag => tag.Length)) + 400;

    /// <summary>Its place among all that are kept; without a list while it is not.</summary>
    public LinkedListNode<CachedAnswer> Place => field ??= new(this);

    /// <summary>The answer in a coding, which is made for the first who asks for it.</summary>
    public Form In(Coding coding) => coding switch
    {
        Coding.Brotli => Volatile.Read(ref _brotli) ?? Make(ref _brotli, coding),
        Coding.Gzip => Volatile.Read(ref _gzip) ?? Make(ref _gzip, coding),
        _ => Plain,
    };

    private Form Make(ref Form? made, Coding coding)
    {
        // Others who ask wait, rather than do the same work or get a form that the next request would not.
        lock (_making)
        {
            if (made is not null)
                return made;
            var bytes = coding == Coding.Brotli ? Brotli(Plain.Body) : Gzip(Plain.Body);
            // What does not shrink is sent as it is.
            Volatile.Write(ref made, bytes.Length < Plain.Body.Length ? new Form(bytes, coding.Name()) : Plain);
            if (!ReferenceEquals(made, Plain))
                keeper?.Grow(this, bytes.Length);
            return made;
        }
    }

    private static byte[] Brotli(byte[] body)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(body.Length)];
        return BrotliEncoder.TryCompress(body, buffer, out var length, BrotliQuality, BrotliWindow) ? buffer[..length] : body;
    }

    private static byte[] Gzip(byte[] body)
    {
        using var buffer = new MemoryStream(body.Length / 2);
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(body);
        return buffer.ToArray();
    }

    /// <summary>Bytes ready to send. Each form has an ETag of its own bytes, as a strong one must (RFC 9110, 8.8.3.3).</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="coding">For <c>Content-Encoding</c>; null for none.</param>
    public sealed class Form(byte[] body, string? coding)
    {
        public byte[] Body { get; } = body;
        public string? Coding { get; } = coding;
        public string ETag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"";
    }
}
