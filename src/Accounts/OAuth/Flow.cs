using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>As whom a provider knows a user.</summary>
internal sealed class Identity
{
    public required string Issuer { get; init; }
    public required string Subject { get; init; }
    public required Guid UserId { get; init; }
    public required string Provider { get; init; }
    public string? Email { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastUsedAt { get; init; }
}

/// <summary>A sign-in that has gone to a provider, known by the hash of its state.</summary>
internal sealed class BegunSignIn
{
    /// <summary>How long somebody may take at a provider.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Characters of an address to come back to at the most.</summary>
    public const int RedirectUriAtMost = 700;

    public required byte[] Hash { get; init; }
    public required byte[] BrowserHash { get; init; }
    public required string Provider { get; init; }
    public required string RedirectUri { get; init; }
    public string? ReturnTo { get; init; }
    public byte[]? Challenge { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What the front end exchanges for tokens, known by its hash.</summary>
internal sealed class OneTimeCode
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>How long one is good, from when it was made, once a second factor was asked for: somebody has to find it.</summary>
    public static readonly TimeSpan LifetimeWithSecondFactor = TimeSpan.FromMinutes(5);

    public required byte[] Hash { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>Of the browser that began; null where its front end is elsewhere, and so cannot send our cookie.</summary>
    public byte[]? BrowserHash { get; init; }

    /// <summary>Of the verifier that the front end keeps; null where it gave none.</summary>
    public byte[]? Challenge { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>
/// The random values of a sign-in by a provider. What must be known again when somebody comes back is made from the browser's secret and the state, so that
/// the database has neither and a reader of it can redeem nothing.
/// </summary>
internal static class Flow
{
    /// <summary>Characters of 32 bytes in base64url, which all of these values have.</summary>
    public const int Length = 43;

    /// <summary>A value of this form.</summary>
    public const string Pattern = "^[A-Za-z0-9_-]{43}$";

    /// <summary>The verifier of PKCE (RFC 7636) for one sign-in of one browser.</summary>
    public static string VerifierOf(string browserSecret, string state) => Derive(browserSecret, $"verifier\n{state}");

    /// <summary>The nonce that an id token must carry.</summary>
    public static string NonceOf(string browserSecret, string state) => Derive(browserSecret, $"nonce\n{state}");

    /// <summary>A verifier's challenge by S256.</summary>
    public static string ChallengeOf(string verifier) => Base64Url.EncodeToString(OpaqueToken.HashOf(verifier));

    /// <summary>Whether this may be one of these values at all.</summary>
    public static bool IsOne(string? text) => text is { Length: Length } && text.AsSpan().IndexOfAnyExcept(Characters) < 0;

    private static readonly System.Buffers.SearchValues<char> Characters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static string Derive(string browserSecret, string what) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(browserSecret), Encoding.ASCII.GetBytes(what)));
}
