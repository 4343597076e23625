using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quitanda.Tests.Accounts;

/// <summary>What a browser and an authenticator put into an answer. A test changes the one thing that it is about.</summary>
internal sealed record Answering
{
    public string? Type { get; init; }
    public string? Challenge { get; init; }
    public string Origin { get; init; } = "http://localhost";
    public bool CrossOrigin { get; init; }
    public string? RpId { get; init; }
    public bool IsPresent { get; init; } = true;
    public bool IsVerified { get; init; } = true;
    public bool IsBackupEligible { get; init; }
    public bool IsBackedUp { get; init; }

    /// <summary>Null counts on by one.</summary>
    public uint? SignCount { get; init; }

    public byte[]? CredentialId { get; init; }
    public string? UserHandle { get; init; }

    /// <summary>Changes what was signed, after it was signed.</summary>
    public Action<byte[]>? Altering { get; init; }
}

/// <summary>An authenticator with one passkey (ES256, attestation "none") in the browser of a page, by WebAuthn level 3. It does as it is told, and so can lie.</summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private const byte Present = 0x01, Verified = 0x04, BackupEligible = 0x08, BackedUp = 0x10, HasCredential = 0x40;

    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private uint _signCount;
    private string? _userHandle;

    public byte[] CredentialId { get; private init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whose the passkey is, as the options said.</summary>
    public string UserHandle => _userHandle!;

    /// <summary>Another device with the same passkey and the same count: a copy.</summary>
    public SoftAuthenticator Copy() => new() { _key = ECDsa.Create(_key.ExportParameters(includePrivateParameters: true)), _signCount = _signCount, _userHandle = _userHandle, CredentialId = CredentialId };

    /// <summary>What <c>navigator.credentials.create()</c> gives, in JSON.</summary>
    public object Create(JsonElement options, Answering? answering = null)
    {
        var how = answering ?? new();
        _userHandle = options.GetProperty("user").GetProperty("id").GetString();
        var id = how.CredentialId ?? CredentialId;
        var clientData = ClientData(how, "webauthn.create", options);
        using var data = new MemoryStream();
        data.Write(Header(how, how.RpId ?? options.GetProperty("rp").GetProperty("id").GetString()!, HasCredential));
        data.Write(new byte[16]);
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)id.Length);
        data.Write(length);
        data.Write(id);
        data.Write(PublicKey());
        var authenticatorData = data.ToArray();

        var attestation = new CborWriter(CborConformanceMode.Ctap2Canonical);
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString(authenticatorData);
        attestation.WriteEndMap();
        var attestationObject = attestation.Encode();
        how.Altering?.Invoke(attestationObject);
        return new
        {
            id = Text(id),
            rawId = Text(id),
            type = "public-key",
            authenticatorAttachment = "platform",
            clientExtensionResults = new { credProps = new { rk = true } },
            response = new
            {
                clientDataJSON = Text(clientData),
                attestationObject = Text(attestationObject),
                authenticatorData = Text(authenticatorData),
                publicKey = Text(_key.ExportSubjectPublicKeyInfo()),
                publicKeyAlgorithm = -7,
                transports = new[] { "internal", "hybrid" },
            },
        };
    }

    /// <summary>What <c>navigator.credentials.get()</c> gives, in JSON.</summary>
    public object Get(JsonElement options, Answering? answering = null)
    {
        var how = answering ?? new();
        var clientData = ClientData(how, "webauthn.get", options);
        var authenticatorData = Header(how, how.RpId ?? options.GetProperty("rpId").GetString()!, 0);
        byte[] signed = [.. authenticatorData, .. SHA256.HashData(clientData)];
        var signature = _key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        how.Altering?.Invoke(authenticatorData);
        return new
        {
            id = Text(how.CredentialId ?? CredentialId),
            rawId = Text(how.CredentialId ?? CredentialId),
            type = "public-key",
            authenticatorAttachment = "platform",
            clientExtensionResults = new { },
            response = new
            {
                clientDataJSON = Text(clientData),
                authenticatorData = Text(authenticatorData),
                signature = Text(signature),
                userHandle = how.UserHandle ?? _userHandle,
            },
        };
    }

    public void Dispose() => _key.Dispose();

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] ClientData(Answering how, string type, JsonElement options) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        type = how.Type ?? type,
        challenge = how.Challenge ?? options.GetProperty("challenge").GetString(),
        origin = how.Origin,
        crossOrigin = how.CrossOrigin,
        other_keys_can_be_added_here = "do not compare clientDataJSON against a template",
    });

    /// <summary>The hash of the domain, the flags and the count.</summary>
    private byte[] Header(Answering how, string rpId, byte flags)
    {
        _signCount = how.SignCount ?? _signCount + 1;
        var header = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(rpId), header);
        header[32] = (byte)(flags | (how.IsPresent ? Present : 0) | (how.IsVerified ? Verified : 0) | (how.IsBackupEligible ? BackupEligible : 0) | (how.IsBackedUp ? BackedUp : 0));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(33), _signCount);
        return header;
    }

    /// <summary>In COSE: kty EC2, alg ES256, crv P-256, x, y.</summary>
    private byte[] PublicKey()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var key = new CborWriter(CborConformanceMode.Ctap2Canonical);
        key.WriteStartMap(5);
        key.WriteInt32(1);
        key.WriteInt32(2);
        key.WriteInt32(3);
        key.WriteInt32(-7);
        key.WriteInt32(-1);
        key.WriteInt32(1);
        key.WriteInt32(-2);
        key.WriteByteString(point.X!);
        key.WriteInt32(-3);
        key.WriteByteString(point.Y!);
        key.WriteEndMap();
        return key.Encode();
    }
}
