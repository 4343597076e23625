using System.Security.Cryptography;
using System.Text.Json;

namespace Quitanda.Accounts.OAuth;

/// <summary>One public key of a provider (RFC 7517).</summary>
internal sealed class SigningKey
{
    private const int RsaBitsAtLeast = 2048;
    private const int RsaBitsAtMost = 8192;
    private const int ExponentBytesAtMost = 8;
    private const int P256Bytes = 32;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _curve;
    private readonly string? _algorithm;

    private SigningKey(string? id, string? algorithm, RSAParameters? rsa, ECParameters? curve) => (Id, _algorithm, _rsa, _curve) = (id, algorithm, rsa, curve);

    public string? Id { get; }

    /// <summary>A key that can check what we take; null for every other, such as one to encrypt with, or one too short.</summary>
    public static SigningKey? Of(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || (key.TryGetProperty("use", out _) && key.Text("use") != "sig"))
            return null;
        if (key.TryGetProperty("key_ops", out _) && !key.Texts("key_ops").Contains("verify", StringComparer.Ordinal))
            return null;
        var (id, algorithm) = (key.Text("kid", 500), key.Text("alg"));
        switch (key.Text("kty"))
        {
            case "RSA" when Bytes(key, "n") is { } modulus && Bytes(key, "e") is { Length: <= ExponentBytesAtMost } exponent && modulus.Length * 8 is >= RsaBitsAtLeast and <= RsaBitsAtMost:
                return new(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent }, null);
            case "EC" when key.Text("crv") == "P-256" && Bytes(key, "x") is { Length: P256Bytes } x && Bytes(key, "y") is { Length: P256Bytes } y:
                return new(id, algorithm, null, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            default:
                return null;
        }
    }

    /// <summary>Whether this key may check this algorithm at all.</summary>
    public bool IsFor(string algorithm) => (_algorithm is null || _algorithm == algorithm) && (algorithm == "ES256" ? _curve is not null : _rsa is not null);

    /// <summary>Whether a token was signed with this key's other half.</summary>
    public bool Signed(IdToken.Parts token)
    {
        try
        {
            if (token.Algorithm == "ES256")
            {
                using var curve = ECDsa.Create(_curve!.Value);
                return curve.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }

            using var rsa = RSA.Create(_rsa!.Value);
            return rsa.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, token.Algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // A point that is on no curve, or the like: such a key has signed nothing.
            return false;
        }
    }

    private static byte[]? Bytes(JsonElement key, string name) => key.Text(name) is { } text ? IdToken.Decode(text) : null;
}

/// <summary>A provider's keys, as they were fetched.</summary>
/// <param name="Keys">Those that can check what we take.</param>
internal sealed record SigningKeys(SigningKey[] Keys)
{
    private const int AtMost = 100;

    /// <summary>The keys in a provider's set.</summary>
    /// <exception cref="ProviderFailedException">It is no set of keys.</exception>
    public static SigningKeys Of(JsonElement set) => set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array && keys.GetArrayLength() <= AtMost
        ? new([.. keys.EnumerateArray().Select(SigningKey.Of).OfType<SigningKey>()])
        : throw ProviderFailedException.Of("Its set of keys is none.");

    /// <summary>The keys that a token may be signed with: the one it names, or those of its kind where it names none.</summary>
    public SigningKey[] For(IdToken.Parts token) => [.. Keys.Where(key => key.IsFor(token.Algorithm) && (token.KeyId is null || key.Id == token.KeyId))];
}
