using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform;

/// <summary>
/// Tokens that are an id and the house's word for it: nothing is stored of them. The word is an HMAC (RFC 2104, SHA-256) under a key made from the secret of access tokens, another for each purpose, so that
/// a token of one kind is none of another. With two secrets live the first signs and both are accepted.
/// </summary>
/// <param name="secrets">The live secrets.</param>
/// <param name="purpose">What the tokens are for: never change one.</param>
/// <param name="prefix">How they begin, so that people and scanners can tell them.</param>
public sealed class SignedIds(Secrets secrets, string purpose, string prefix)
{
    private const int IdBytes = 16;
    private const int Bytes = IdBytes + HMACSHA256.HashSizeInBytes;

    private readonly byte[][] _keys = [.. secrets.TokenSigning.Select(secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes, 32, info: Encoding.UTF8.GetBytes(purpose)))];

    /// <summary>Characters of a token.</summary>
    public int Length { get; } = prefix.Length + Base64Url.GetEncodedLength(Bytes);

    /// <summary>The id's token: the same each time, while the first secret stays.</summary>
    public string Write(Guid id)
    {
        var bytes = id.ToByteArray(bigEndian: true);
        return prefix + Base64Url.EncodeToString([.. bytes, .. HMACSHA256.HashData(_keys[0], bytes)]);
    }

    /// <summary>The id that a token of ours stands for; null for anything else. How long it takes says nothing of how much of it was right.</summary>
    public Guid? Read(string? token)
    {
        if (token is null || token.Length != Length || !token.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (Base64Url.DecodeFromChars(token.AsSpan(prefix.Length), bytes, out _, out var length) != OperationStatus.Done || length != Bytes)
            return null;
        var isOurs = false;
        foreach (var key in _keys)
            isOurs |= CryptographicOperations.FixedTimeEquals(bytes[IdBytes..], HMACSHA256.HashData(key, bytes[..IdBytes]));
        return isOurs ? new Guid(bytes[..IdBytes], bigEndian: true) : null;
    }
}
