using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// Reads id tokens of OpenID Connect: JSON Web Signatures (RFC 7515) in the compact form, by RS256, PS256 or ES256 and nothing else. <c>none</c> and the HS
/// family are no signatures of a provider (RFC 8725, 3.1 and 3.2), and a key is used only with the algorithm of its own kind.
/// </summary>
internal static class IdToken
{
    /// <summary>Characters of a token at the most. Google's have about 1,200.</summary>
    private const int LengthAtMost = 16_384;

    private const int DepthAtMost = 8;

    /// <summary>How far a provider's clock may be from ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>What a token must say, besides being signed.</summary>
    /// <param name="Issuer">By whom.</param>
    /// <param name="ClientId">To whom.</param>
    /// <param name="Nonce">For which sign-in.</param>
    /// <param name="Now">The time.</param>
    internal sealed record Expected(string Issuer, string ClientId, string Nonce, DateTimeOffset Now);

    /// <summary>The parts of a token: nothing in them is believed yet.</summary>
    internal sealed record Parts(string Algorithm, string? KeyId, byte[] Signed, byte[] Payload, byte[] Signature);

    /// <summary>Takes a token apart.</summary>
    /// <exception cref="ProviderFailedException">It is none, or signed in a way that is not taken.</exception>
    public static Parts Split(string token)
    {
        if (token.Length > LengthAtMost || token.Split('.') is not [var header, var payload, var signature])
            throw ProviderFailedException.Of("Its id token is none.");
        if (Decode(header) is not { } headerBytes || Decode(payload) is not { } payloadBytes || Decode(signature) is not { } signatureBytes || Json.Read(headerBytes, JsonValueKind.Object, DepthAtMost) is not { } json)
            throw ProviderFailedException.Of("Its id token cannot be read.");
        // What must be understood and is not (RFC 7515, 4.1.11).
        if (json.TryGetProperty("crit", out _))
            throw ProviderFailedException.Of("Its id token asks for extensions that we do not have.");
        if (json.Text("alg") is not ("RS256" or "PS256" or "ES256"))
            throw ProviderFailedException.Of("Its id token is not signed by RS256, PS256 or ES256.");
        return new(json.Text("alg")!, json.TryGetProperty("kid", out _) ? json.Text("kid", 500) ?? "" : null, Encoding.ASCII.GetBytes($"{header}.{payload}"), payloadBytes, signatureBytes);
    }

    /// <summary>The claims of a token whose signature was right, as OpenID Connect Core, 3.1.3.7, has them checked.</summary>
    /// <exception cref="ProviderFailedException">They say something else.</exception>
    public static JsonElement Claims(byte[] payload, Expected expected)
    {
        var claims = Json.Read(payload, JsonValueKind.Object, DepthAtMost) ?? throw ProviderFailedException.Of("Its id token has no claims.");
        if (claims.Text("iss") != expected.Issuer)
            throw ProviderFailedException.Of("Its id token is another issuer's.");
        var audience = claims.Texts("aud");
        if (!audience.Contains(expected.ClientId, StringComparer.Ordinal))
            throw ProviderFailedException.Of("Its id token is for somebody else.");
        if (claims.TryGetProperty("azp", out _) ? claims.Text("azp") != expected.ClientId : audience.Length > 1)
            throw ProviderFailedException.Of("Its id token was given to somebody else.");
        if (claims.Number("exp") is not { } expires || expires <= (expected.Now - Skew).ToUnixTimeSeconds())
            throw ProviderFailedException.Of("Its id token has expired.");
        // It was made just now, for a sign-in that began minutes ago.
        if (claims.Number("iat") is not { } issued || issued > (expected.Now + Skew).ToUnixTimeSeconds() || issued < (expected.Now - BegunSignIn.Lifetime - Skew).ToUnixTimeSeconds())
            throw ProviderFailedException.Of("Its id token was not made just now.");
        if (claims.TryGetProperty("nbf", out _) && !(claims.Number("nbf") <= (expected.Now + Skew).ToUnixTimeSeconds()))
            throw ProviderFailedException.Of("Its id token is not good yet.");
        if (claims.Text("nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(expected.Nonce)))
            throw ProviderFailedException.Of("Its id token is of another sign-in.");
        if (claims.Text("sub", 255) is null)
            throw ProviderFailedException.Of("Its id token names nobody.");
        return claims;
    }

    /// <summary>The bytes of base64url as RFC 7515 writes it: no padding, no spaces, and one way to write them.</summary>
    internal static byte[]? Decode(string text)
    {
        if (text.AsSpan().ContainsAny(Stray))
            return null;
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static readonly SearchValues<char> Stray = SearchValues.Create("= \t\r\n");
}
