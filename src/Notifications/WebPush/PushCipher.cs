using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Quitanda.Notifications.WebPush;

/// <summary>
/// Encrypts a message so that only the browser reads it, and not the push service that carries it: RFC 8291, in the coding <c>aes128gcm</c> of RFC 8188, as one record.
/// </summary>
internal static class PushCipher
{
    /// <summary>Bytes of a message at the most: what a push service must take (RFC 8030, 7.2), less the head, the mark of its end and the tag.</summary>
    public const int LongestPlain = RecordBytes - HeadBytes - 1 - TagBytes;

    /// <summary>Bytes of a browser's public key: a point of P-256, uncompressed (SEC 1, 2.3.3).</summary>
    public const int KeyBytes = 65;

    /// <summary>Bytes of the secret that a browser shares with us.</summary>
    public const int AuthBytes = 16;

    private const int SaltBytes = 16;
    private const int RecordBytes = 4096;
    private const int HeadBytes = SaltBytes + sizeof(uint) + 1 + KeyBytes;
    private const int TagBytes = 16;
    private const byte IsLastRecord = 2;

    /// <summary>Encrypts for a browser, with a key and a salt of this one message.</summary>
    /// <exception cref="CryptographicException">The key is no point of the curve.</exception>
    public static byte[] Encrypt(byte[] plain, byte[] browsersKey, byte[] auth)
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(plain, browsersKey, auth, key, RandomNumberGenerator.GetBytes(SaltBytes));
    }

    /// <summary>Encrypts with a key and a salt that are given, as the RFC's own example does.</summary>
    internal static byte[] Encrypt(byte[] plain, byte[] browsersKey, byte[] auth, ECDiffieHellman key, byte[] salt)
    {
        if (plain.Length > LongestPlain)
            throw new ArgumentOutOfRangeException(nameof(plain), plain.Length, $"is {LongestPlain} bytes at the most.");
        var ours = PointOf(key.ExportParameters(includePrivateParameters: false));
        using var theirs = ECDiffieHellman.Create(Read(browsersKey));
        var shared = key.DeriveRawSecretAgreement(theirs.PublicKey);
        // RFC 8291, 3.4: first what both keys and the shared secret give, then RFC 8188's key and nonce of it.
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, auth, [.. "WebPush: info\0"u8, .. browsersKey, .. ours]);
        var contentKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());

        var message = new byte[HeadBytes + plain.Length + 1 + TagBytes];
        salt.CopyTo(message, 0);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(SaltBytes), RecordBytes);
        message[SaltBytes + sizeof(uint)] = KeyBytes;
        ours.CopyTo(message, SaltBytes + sizeof(uint) + 1);
        using var aes = new AesGcm(contentKey, TagBytes);
        aes.Encrypt(nonce, [.. plain, IsLastRecord], message.AsSpan(HeadBytes, plain.Length + 1), message.AsSpan(HeadBytes + plain.Length + 1));
        return message;
    }

    /// <summary>A public key out of its point.</summary>
    /// <exception cref="CryptographicException">It is none of the curve.</exception>
    public static ECParameters Read(byte[] point)
    {
        if (point.Length != KeyBytes || point[0] != 4)
            throw new CryptographicException("A public key is a point of 65 bytes, uncompressed.");
        return new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } };
    }

    /// <summary>The point of a public key.</summary>
    public static byte[] PointOf(ECParameters key) => [4, .. key.Q.X!, .. key.Q.Y!];
}
