using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>What came of a sign-in's ceremony.</summary>
/// <param name="Used">The passkey that signed, with the count and the backup state that its authenticator says now; null where it is no good.</param>
/// <param name="OwnerId">Whose the passkey is; known too where the passkey is there and its answer no good.</param>
internal sealed record Assertion(UserPasskeyInfo? Used, Guid? OwnerId);

/// <summary>
/// The ceremonies of WebAuthn, by the framework's handler: it checks type, challenge, origin, domain, presence, verification, backup flags and signature. It is made when it is needed, with the
/// least that it takes: nothing of Identity is registered.
/// </summary>
internal sealed class Ceremony(RelyingParties parties)
{
    // Members as browsers name them.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>What a browser is told to make a passkey, and the state to keep.</summary>
    public async Task<(PasskeyCreationOptions Options, byte[] Challenge, string State)> BeginToAdd(HttpContext http, Db db, PasskeyOwner owner, string name, string displayName, CancellationToken ct)
    {
        using var users = Users(await PasskeyStore.Of(db, owner, credentialId: null, ct));
        var made = await Handler(users, http).MakeCreationOptionsAsync(new PasskeyUserEntity { Id = owner.Handle, Name = name, DisplayName = displayName }, http);
        var options = JsonSerializer.Deserialize<PasskeyCreationOptions>(made.CreationOptionsJson, Json)!;
        return (options, Base64Url.DecodeFromChars(options.Challenge), made.AttestationState!);
    }

    /// <summary>What a browser is told to use a passkey, whosever it is, and the state to keep.</summary>
    public async Task<(PasskeyRequestOptions Options, byte[] Challenge, string State)> BeginToSignIn(HttpContext http)
    {
        using var users = Users(PasskeyStore.Empty());
        var made = await Handler(users, http).MakeRequestOptionsAsync(user: null, http);
        var options = JsonSerializer.Deserialize<PasskeyRequestOptions>(made.RequestOptionsJson, Json)!;
        return (options, Base64Url.DecodeFromChars(options.Challenge), made.AssertionState!);
    }

    /// <summary>The new passkey, if it is one for us and for what was asked; null where it is not.</summary>
    public async Task<UserPasskeyInfo?> Attest(HttpContext http, NewCredential credential, string state)
    {
        using var users = Users(PasskeyStore.Empty());
        var result = await Handler(users, http).PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = http,
            CredentialJson = Written(credential.Id, credential.Type, credential.Response),
            AttestationState = state,
        });
        return result.Succeeded ? result.Passkey : null;
    }

    /// <summary>Who signed, if it is for us and for what was asked.</summary>
    public async Task<Assertion> Assert(HttpContext http, Db db, UsedCredential credential, string state, CancellationToken ct)
    {
        if (PasskeyOwner.Of(credential.Response.UserHandle) is not { } owner || IdOf(credential) is not { } id)
            return new(null, null);
        using var store = await PasskeyStore.Of(db, owner, id, ct);
        using var users = Users(store);
        var result = await Handler(users, http).PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = http,
            CredentialJson = Written(credential.Id, credential.Type, credential.Response),
            AssertionState = state,
        });
        return new(result.Succeeded ? result.Passkey : null, store.HasAny ? owner.Id : null);
    }

    private static byte[]? IdOf(UsedCredential credential)
    {
        var id = new byte[Base64Url.GetMaxDecodedLength(credential.Id.Length)];
        return Base64Url.TryDecodeFromChars(credential.Id, id, out var length) ? id[..length] : null;
    }

    private PasskeyHandler<PasskeyOwner> Handler(UserManager<PasskeyOwner> users, HttpContext http)
    {
        var party = parties.Of(http);
        return new(users, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = party.Domain,
            ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && party.Origins.Contains(asked.Origin)),
            AuthenticatorTimeout = PasskeyChallenge.Lifetime,
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
        }));
    }

    /// <summary>The handler asks its store through this class, and of all that it can do for nothing else.</summary>
    private static UserManager<PasskeyOwner> Users(PasskeyStore store) =>
        new(store, optionsAccessor: null!, passwordHasher: null!, [], [], keyNormalizer: null!, errors: null!, services: null!, NullLogger<UserManager<PasskeyOwner>>.Instance);

    private static string Written(string id, string type, object response) =>
        JsonSerializer.Serialize(new { id, rawId = id, type, response, clientExtensionResults = new { } }, Json);
}
