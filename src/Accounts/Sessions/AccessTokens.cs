using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>What came of reading an access token.</summary>
internal enum TokenState
{
    Valid,
    Invalid,
    Expired,
}

/// <summary>Whom a valid access token names. What they may do is not in it.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct AccessToken(Guid UserId, Guid SessionId, long Version, DateTimeOffset ExpiresAt);

/// <summary>
/// Writes and reads our access tokens: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, signed with HS256. Nobody else writes tokens
/// for us, so a header is either one that this process would write itself, letter for letter, or refused: there is no algorithm to choose.
/// </summary>
internal sealed class AccessTokens
{
    /// <summary>Characters of a token at the most. Ours have about 400.</summary>
    public const int LengthAtMost = 4096;

    /// <summary>Characters of 32 bytes in base64url.</summary>
    public const int SignatureLength = 43;

    private const string Party = "quitanda";

    /// <summary>How far the clocks of two processes may be apart.</summary>
    private const long SkewSeconds = 5;

    private readonly SigningKey[] _keys;
    private readonly TimeProvider _clock;

    public AccessTokens(Secrets secrets, IOptions<AccountSettings> settings, TimeProvider clock)
    {
        _keys = [.. secrets.TokenSigning.Select(secret => new SigningKey(secret))];
        _clock = clock;
        LifetimeSeconds = settings.Value.AccessTokenSeconds;
    }

    /// <summary>Seconds that a token is good for.</summary>
    public int LifetimeSeconds { get; }

    /// <summary>A token for a user, good from now on.</summary>
    public string Issue(Guid userId, Guid sessionId, long version)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(claims))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, Party);
            json.WriteString("aud"u8, Party);
            json.WriteString("sub"u8, userId);
            json.WriteString("sid"u8, sessionId);
            json.WriteNumber("ver"u8, version);
            json.WriteNumber("iat"u8, now);
            json.WriteNumber("exp"u8, now + LifetimeSeconds);
            json.WriteEndObject();
        }

        var key = _keys[0];
        var header = key.Header;
        Span<byte> token = stackalloc byte[header.Length + 1 + Base64Url.GetEncodedLength(claims.WrittenCount) + 1 + SignatureLength];
        header.CopyTo(token);
        token[header.Length] = (byte)'.';
        Base64Url.EncodeToUtf8(claims.WrittenSpan, token[(header.Length + 1)..]);
        var signed = token[..^(SignatureLength + 1)];
        token[signed.Length] = (byte)'.';
        Sign(key.Bytes, signed, token[^SignatureLength..]);
        return Encoding.ASCII.GetString(token);
    }

    /// <summary>Reads a token. Nothing it says is looked at before its signature is right.</summary>
    public TokenState Read(ReadOnlySpan<char> token, out AccessToken read)
    {
        read = default;
        if (token.Length > LengthAtMost)
            return TokenState.Invalid;
        Span<byte> text = stackalloc byte[token.Length];
        if (Ascii.FromUtf16(token, text, out _) != OperationStatus.Done)
            return TokenState.Invalid;

        var dot = text.IndexOf((byte)'.');
        if (dot < 0 || KeyOf(text[..dot]) is not { } key || text.Length < dot + 2 + SignatureLength || text[^(SignatureLength + 1)] != '.')
            return TokenState.Invalid;

        // Comparing what is written, not what it decodes to, leaves no second way to write the same signature.
        var signed = text[..^(SignatureLength + 1)];
        Span<byte> signature = stackalloc byte[SignatureLength];
        Sign(key.Bytes, signed, signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, text[^SignatureLength..]))
            return TokenState.Invalid;

        var payload = signed[(dot + 1)..];
        Span<byte> claims = stackalloc byte[payload.Length];
        return Base64Url.DecodeFromUtf8(payload, claims, out _, out var length) == OperationStatus.Done ? Claims(claims[..length], out read) : TokenState.Invalid;
    }

    /// <summary>HMAC-SHA256 over the signing input, in base64url: the third part of RFC 7515's compact form.</summary>
    internal static void Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> signingInput, Span<byte> signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, signingInput, mac);
        Base64Url.EncodeToUtf8(mac, signature);
    }

    private SigningKey? KeyOf(ReadOnlySpan<byte> header)
    {
        foreach (var key in _keys)
            if (header.SequenceEqual(key.Header))
                return key;
        return null;
    }

    private TokenState Claims(ReadOnlySpan<byte> claims, out AccessToken read)
    {
        read = default;
        var reader = new Utf8JsonReader(claims);
        Guid user = default, session = default;
        long version = 0, issuedAt = 0, notBefore = 0, expiresAt = 0;
        var seen = Claim.None;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return TokenState.Invalid;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // A claim that is not ours, or comes twice, was not written by us.
                var claim = ClaimOf(ref reader);
                if (claim == Claim.None || (seen & claim) != Claim.None || !reader.Read())
                    return TokenState.Invalid;
                seen |= claim;
                var isRight = claim switch
                {
                    Claim.Issuer or Claim.Audience => reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Party),
                    Claim.Subject => reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out user),
                    Claim.Session => reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out session),
                    Claim.Version => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out version),
                    Claim.IssuedAt => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out issuedAt),
                    Claim.NotBefore => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out notBefore),
                    _ => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out expiresAt),
                };
                if (!isRight)
                    return TokenState.Invalid;
            }

            if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || (seen & Claim.Required) != Claim.Required)
                return TokenState.Invalid;
        }
        catch (JsonException)
        {
            return TokenState.Invalid;
        }

        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        if (issuedAt > now + SkewSeconds || notBefore > now + SkewSeconds)
            return TokenState.Invalid;
        if (expiresAt <= now - SkewSeconds)
            return TokenState.Expired;
        read = new(user, session, version, DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(expiresAt, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds())));
        return TokenState.Valid;
    }

    private static Claim ClaimOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("sub"u8) ? Claim.Subject
        : reader.ValueTextEquals("sid"u8) ? Claim.Session
        : reader.ValueTextEquals("ver"u8) ? Claim.Version
        : reader.ValueTextEquals("iat"u8) ? Claim.IssuedAt
        : reader.ValueTextEquals("nbf"u8) ? Claim.NotBefore
        : reader.ValueTextEquals("exp"u8) ? Claim.ExpiresAt
        : reader.ValueTextEquals("iss"u8) ? Claim.Issuer
        : reader.ValueTextEquals("aud"u8) ? Claim.Audience
        : Claim.None;

    [Flags]
    private enum Claim
    {
        None = 0,
        Issuer = 1,
        Audience = 2,
        Subject = 4,
        Session = 8,
        Version = 16,
        IssuedAt = 32,
        ExpiresAt = 64,
        NotBefore = 128,
        Required = Issuer | Audience | Subject | Session | Version | IssuedAt | ExpiresAt,
    }

    private sealed class SigningKey(Secret secret)
    {
        public byte[] Bytes { get; } = secret.Bytes;

        public byte[] Header { get; } = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"HS256","typ":"at+jwt","kid":"{{secret.Id}}"}""")));
    }
}
