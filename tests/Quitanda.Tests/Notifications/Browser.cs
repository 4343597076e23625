using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quitanda.Tests.Notifications;

/// <summary>A browser's side of web push: it subscribes, proves who pushes (RFC 8292), and reads what is pushed (RFC 8291).</summary>
internal sealed class Browser : IDisposable
{
    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _auth = RandomNumberGenerator.GetBytes(16);

    public Browser(string serviceUrl) => Endpoint = $"{serviceUrl}/push/{Guid.CreateVersion7():N}";

    public string Endpoint { get; }

    private byte[] Point => Of(_key.ExportParameters(includePrivateParameters: false));

    /// <summary>What <c>PushSubscription.toJSON()</c> gives.</summary>
    public object Subscription(long? expirationTime = null) => new
    {
        endpoint = Endpoint,
        expirationTime,
        keys = new { p256dh = Base64Url.EncodeToString(Point), auth = Base64Url.EncodeToString(_auth) },
    };

    /// <summary>Reads a message, and proves that the key was used that it was subscribed with.</summary>
    public JsonElement Read(PushedMessage message, string applicationServerKey, DateTimeOffset now)
    {
        Prove(message, applicationServerKey, now);
        Assert.Equal(("aes128gcm", "application/octet-stream"), (message.Headers["Content-Encoding"], message.Headers["Content-Type"]));
        return JsonDocument.Parse(Decrypt(message.Body)).RootElement.Clone();
    }

    /// <summary>Written apart from what it reads, by RFC 8291 and RFC 8188.</summary>
    private byte[] Decrypt(byte[] body)
    {
        var (salt, size, keyLength) = (body[..16], BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)), body[20]);
        Assert.Equal((4096u, 65), (size, (int)keyLength));
        Assert.True(body.Length <= 4096);
        var (sendersKey, content) = (body[21..86], body[86..]);
        using var sender = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = sendersKey[1..33], Y = sendersKey[33..] } });
        var keyOfBoth = Hash(_auth, _key.DeriveRawSecretAgreement(sender.PublicKey));
        var input = Hash(keyOfBoth, [.. Encoding.ASCII.GetBytes("WebPush: info\0"), .. Point, .. sendersKey, 1]);
        var extracted = Hash(salt, input);
        var contentKey = Hash(extracted, [.. Encoding.ASCII.GetBytes("Content-Encoding: aes128gcm\0"), 1])[..16];
        var nonce = Hash(extracted, [.. Encoding.ASCII.GetBytes("Content-Encoding: nonce\0"), 1])[..12];
        var plain = new byte[content.Length - 16];
        using var aes = new AesGcm(contentKey, 16);
        aes.Decrypt(nonce, content.AsSpan(0, plain.Length), content.AsSpan(plain.Length), plain);
        Assert.Equal(2, plain[^1]);
        return plain[..^1];
    }

    private static void Prove(PushedMessage message, string applicationServerKey, DateTimeOffset now)
    {
        var parts = message.Headers["Authorization"].Split(["vapid t=", ", k="], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(applicationServerKey, parts[1]);
        var token = parts[0].Split('.');
        var point = Base64Url.DecodeFromChars(parts[1]);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = point[1..33], Y = point[33..] } });
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256));
        var (head, claims) = (JsonDocument.Parse(Base64Url.DecodeFromChars(token[0])).RootElement, JsonDocument.Parse(Base64Url.DecodeFromChars(token[1])).RootElement);
        Assert.Equal(("JWT", "ES256"), (head.GetProperty("typ").GetString(), head.GetProperty("alg").GetString()));
        Assert.Equal(new Uri(message.Endpoint).GetLeftPart(UriPartial.Authority), claims.GetProperty("aud").GetString());
        Assert.InRange(claims.GetProperty("exp").GetInt64(), now.ToUnixTimeSeconds() + 60, now.AddDays(1).ToUnixTimeSeconds());
        Assert.StartsWith("mailto:", claims.GetProperty("sub").GetString(), StringComparison.Ordinal);
    }

    private static byte[] Hash(byte[] key, byte[] text) => HMACSHA256.HashData(key, text);

    private static byte[] Of(ECParameters key) => [4, .. key.Q.X!, .. key.Q.Y!];

    public void Dispose() => _key.Dispose();
}
