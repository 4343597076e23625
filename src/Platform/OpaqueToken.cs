using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform;

/// <summary>A secret that means nothing by itself: whoever shows it is let in. It is told once and kept only as its hash, so that a copy of the database lets nobody in.</summary>
public static class OpaqueToken
{
    /// <summary>256 random bits in base64url: 43 characters.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of it: SHA-256 of its UTF-8. It has more entropy than can be guessed, so it needs neither salt nor a slow hash.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
