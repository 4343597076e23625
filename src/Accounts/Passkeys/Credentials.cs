using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Quitanda.Accounts.Passkeys;

/// <summary>How WebAuthn writes bytes.</summary>
internal static class Bytes
{
    /// <summary>Base64url without padding, of one byte or more.</summary>
    public const string Pattern = "^[A-Za-z0-9_-]+$";

    /// <summary>Characters of a credential's id at the most: 1023 bytes.</summary>
    public const int IdAtMost = 1364;
}

/// <summary>
/// A new passkey: what <c>credential.toJSON()</c> gives of what <c>navigator.credentials.create()</c> gave. Members that are not listed are ignored, since browsers add some.
/// </summary>
/// <param name="Id">What the authenticator calls it.</param>
/// <param name="Type">Always <c>public-key</c>.</param>
/// <param name="Response">What the authenticator answered.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record NewCredential(
    [StringLength(Bytes.IdAtMost), RegularExpression(Bytes.Pattern)] string Id, [AllowedValues("public-key")] string Type, NewCredentialResponse Response);

/// <summary>What an authenticator answered that made a passkey.</summary>
/// <param name="ClientDataJSON">What the browser says it asked, and on which page.</param>
/// <param name="AttestationObject">The new key.</param>
/// <param name="Transports">How the authenticator is reached.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record NewCredentialResponse(
    [StringLength(8_000), RegularExpression(Bytes.Pattern)] string ClientDataJSON,
    [StringLength(32_000), RegularExpression(Bytes.Pattern)] string AttestationObject,
    [MaxLength(10), Transports] string[]? Transports = null);

/// <summary>
/// A passkey that was used: what <c>credential.toJSON()</c> gives of what <c>navigator.credentials.get()</c> gave. Members that are not listed are ignored, since browsers add some.
/// </summary>
/// <param name="Id">What the authenticator calls it.</param>
/// <param name="Type">Always <c>public-key</c>.</param>
/// <param name="Response">What the authenticator answered.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record UsedCredential(
    [StringLength(Bytes.IdAtMost), RegularExpression(Bytes.Pattern)] string Id, [AllowedValues("public-key")] string Type, UsedCredentialResponse Response);

/// <summary>What an authenticator answered that signed in.</summary>
/// <param name="ClientDataJSON">What the browser says it asked, and on which page.</param>
/// <param name="AuthenticatorData">What the authenticator says of itself.</param>
/// <param name="Signature">Over both.</param>
/// <param name="UserHandle">Whose the passkey is, as the authenticator kept it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record UsedCredentialResponse(
    [StringLength(8_000), RegularExpression(Bytes.Pattern)] string ClientDataJSON,
    [StringLength(8_000), RegularExpression(Bytes.Pattern)] string AuthenticatorData,
    [StringLength(2_000), RegularExpression(Bytes.Pattern)] string Signature,
    [StringLength(88), RegularExpression(Bytes.Pattern)] string? UserHandle = null);

/// <summary>Words such as <c>internal</c>, <c>usb</c> or <c>smart-card</c>; there may be others one day.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class TransportsAttribute() : ValidationAttribute("Each of {0} must be a word of up to 32 characters.")
{
    private const int Longest = 32;
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public override bool IsValid(object? value) =>
        value is not string[] transports || Array.TrueForAll(transports, word => word is { Length: > 0 and <= Longest } && word.AsSpan().IndexOfAnyExcept(Letters) < 0);
}
