using System.Buffers;
using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>What came of looking at a signed link.</summary>
internal enum LinkState
{
    Good,
    Expired,
    Forged,
}

/// <summary>The part of an address that makes it a signed one.</summary>
internal sealed record SignedLink
{
    /// <summary>When the link ends, in seconds since 1970.</summary>
    public long? Expires { get; init; }

    /// <summary>What shows that the link is ours.</summary>
    [StringLength(100)]
    public string? Signature { get; init; }
}

/// <summary>
/// Addresses of bytes. A signed one says what it allows and until when; its signature is an HMAC of that (RFC 2104, SHA-256) under a key made from the secret
/// of access tokens. With two secrets live the first signs and both are accepted.
/// </summary>
internal sealed class FileLinks(Secrets secrets, IOptions<FileSettings> settings, TimeProvider clock)
{
    private readonly byte[][] _keys = [.. secrets.TokenSigning.Select(secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes, 32, info: "quitanda file links"u8.ToArray()))];
    private readonly string _base = settings.Value.BaseUrl;

    /// <summary>How long a link is good for.</summary>
    public TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(settings.Value.LinkMinutes);

    /// <summary>Until when a link is good that is signed now.</summary>
    public DateTimeOffset Until => DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds());

    /// <summary>Where the bytes are.</summary>
    public string ContentOf(Guid id) => $"{_base}{FileDetails.PathOf(id)}/content";

    /// <summary>Where whoever holds the link gets a private file.</summary>
    public string Signed(Guid id, DateTimeOffset until) => $"{ContentOf(id)}?{Signed(Download(id), until)}";

    /// <summary>Where whoever holds the link may send the bytes of a file, these many of this type.</summary>
    public string Upload(Guid id, string contentType, long size, DateTimeOffset until) => $"{FileDetails.PathOf(id)}/upload?{Signed(Upload(id, contentType, size), until)}";

    /// <summary>Whether a link to fetch a file is ours, and still good.</summary>
    public LinkState Check(Guid id, SignedLink link) => Check(Download(id), link);

    /// <summary>Whether a link to send a file is ours, for these bytes, and still good.</summary>
    public LinkState CheckUpload(Guid id, string contentType, long size, SignedLink link) => Check(Upload(id, contentType, size), link);

    private static string Download(Guid id) => $"GET\n{id}";

    private static string Upload(Guid id, string contentType, long size) => string.Create(CultureInfo.InvariantCulture, $"PUT\n{id}\n{contentType}\n{size}");

    private string Signed(string what, DateTimeOffset until)
    {
        var expires = until.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"expires={expires}&signature={Base64Url.EncodeToString(Sign(_keys[0], what, expires))}");
    }

    private LinkState Check(string what, SignedLink link)
    {
        if (link is not { Expires: { } expires, Signature: { } signature })
            return LinkState.Forged;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Base64Url.DecodeFromChars(signature, given, out _, out var length) != OperationStatus.Done || length != given.Length)
            return LinkState.Forged;
        var isOurs = false;
        foreach (var key in _keys)
            isOurs |= CryptographicOperations.FixedTimeEquals(given, Sign(key, what, expires));
        return !isOurs ? LinkState.Forged : expires > clock.GetUtcNow().ToUnixTimeSeconds() ? LinkState.Good : LinkState.Expired;
    }

    private static byte[] Sign(byte[] key, string what, long expires) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what}\n{expires}")));
}
