using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Signatures by the Standard Webhooks specification 1.0 (symmetric, <c>v1</c>), and the secrets they are made with.</summary>
internal static class Signature
{
    /// <summary>Bytes of a secret; the specification asks for 24 to 64.</summary>
    private const int SecretBytes = 32;

    private const string SecretPrefix = "whsec_";

    /// <summary>A new secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>A secret as it is shown, and as libraries take it.</summary>
    public static string Show(byte[] secret) => SecretPrefix + Convert.ToBase64String(secret);

    /// <summary>The header's value: a signature by each secret, separated by a space.</summary>
    public static string Of(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
