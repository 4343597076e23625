using System.Text.Json.Serialization;

namespace Quitanda.Accounts.Passkeys;

/// <summary>What <c>PublicKeyCredential.parseCreationOptionsFromJSON()</c> takes, so that <c>navigator.credentials.create()</c> makes a passkey.</summary>
/// <param name="Rp">For whom: the shop.</param>
/// <param name="User">Whose it will be.</param>
/// <param name="Challenge">What the answer must have signed.</param>
/// <param name="PubKeyCredParams">The algorithms that are taken, the best first.</param>
/// <param name="Timeout">Milliseconds that an answer is waited for.</param>
/// <param name="ExcludeCredentials">The passkeys that there are: their authenticators make no other.</param>
/// <param name="AuthenticatorSelection">What the authenticator must be able to do.</param>
/// <param name="Attestation">Always <c>none</c>: nobody is asked which make their device is.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyCreationOptions(
    PasskeyParty Rp, PasskeyUser User, string Challenge, PasskeyAlgorithm[] PubKeyCredParams, long Timeout, PasskeyName[] ExcludeCredentials, PasskeyDemands AuthenticatorSelection, string Attestation);

/// <summary>The shop, for an authenticator.</summary>
/// <param name="Id">The domain that the passkey is good for.</param>
/// <param name="Name">What people are shown.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyParty(string Id, string Name);

/// <summary>Somebody, for their authenticator.</summary>
/// <param name="Id">A handle that names nobody, in base64url.</param>
/// <param name="Name">What tells their accounts apart: the e-mail address, or the username.</param>
/// <param name="DisplayName">Their name.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyUser(string Id, string Name, string DisplayName);

/// <summary>An algorithm of COSE.</summary>
/// <param name="Type">Always <c>public-key</c>.</param>
/// <param name="Alg">Its number, such as -7 for ES256.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyAlgorithm(string Type, long Alg);

/// <summary>A passkey, for its authenticator.</summary>
/// <param name="Type">Always <c>public-key</c>.</param>
/// <param name="Id">What the authenticator calls it.</param>
/// <param name="Transports">How it is reached.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyName(string Type, string Id, string[] Transports);

/// <summary>What an authenticator must be able to do.</summary>
/// <param name="ResidentKey">Always <c>required</c>: it finds the passkey without being told whose.</param>
/// <param name="UserVerification">Always <c>required</c>: it asks for a finger, a face or a PIN.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyDemands(string ResidentKey, string UserVerification);

/// <summary>What <c>PublicKeyCredential.parseRequestOptionsFromJSON()</c> takes, so that <c>navigator.credentials.get()</c> uses a passkey. It names none: the authenticator finds it.</summary>
/// <param name="Challenge">What the answer must have signed.</param>
/// <param name="RpId">The domain that the passkey is good for.</param>
/// <param name="Timeout">Milliseconds that an answer is waited for.</param>
/// <param name="AllowCredentials">Always empty, so that nobody learns who has an account.</param>
/// <param name="UserVerification">Always <c>required</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PasskeyRequestOptions(string Challenge, string RpId, long Timeout, PasskeyName[] AllowCredentials, string UserVerification);
