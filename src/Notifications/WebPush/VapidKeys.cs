using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>
/// The pair of keys by which push services know this installation (RFC 8292). It is made once, for all processes, and kept in the database, its private half sealed as what is nobody's own: browsers that
/// subscribed to one key hear nothing from another.
/// </summary>
internal sealed class VapidKeys(Executor executor, PersonSeals seals, IOptions<WebPushSettings> settings, IOptions<MailSettings> mail, IOptions<PaymentSettings> payments, TimeProvider clock)
{
    /// <summary>Of nobody: the audit log seals with the same key what has no person.</summary>
    private static readonly Guid Nobody = Guid.Empty;

    private const string Place = "notifications.vapid_keys";

    /// <summary>How long push services believe a word of ours: they take no more than a day.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(12);

    private volatile Pair? _pair;

    /// <summary>Both halves.</summary>
    private sealed record Pair(byte[] Public, ECParameters Private);

    /// <summary>The public half, as browsers subscribe with it: base64url of a point of 65 bytes.</summary>
    public async Task<string> PublicKey(CancellationToken ct) => Base64Url.EncodeToString((await Find(ct)).Public);

    /// <summary>The value of <c>Authorization</c> for a request to a push service.</summary>
    public async Task<string> Authorize(Uri endpoint, CancellationToken ct)
    {
        var pair = await Find(ct);
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["aud"] = endpoint.GetLeftPart(UriPartial.Authority),
            ["exp"] = (clock.GetUtcNow() + GoodFor).ToUnixTimeSeconds(),
            ["sub"] = Subject,
        };
        var signed = $"{Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        using var key = ECDsa.Create(pair.Private);
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"vapid t={signed}.{Base64Url.EncodeToString(signature)}, k={Base64Url.EncodeToString(pair.Public)}";
    }

    private string Subject => settings.Value.Subject.Length > 0 ? settings.Value.Subject
        : mail.Value.From.Length > 0 ? $"mailto:{mail.Value.From}"
        : payments.Value.PublicUrl is { } url && url.StartsWith("https://", StringComparison.Ordinal) ? url
        : "mailto:postmaster@localhost.localdomain";

    private async Task<Pair> Find(CancellationToken ct) => _pair ??= await executor.Run(async provider =>
    {
        var db = provider.GetRequiredService<Db>();
        if (await Read(db, ct) is { } known)
            return known;
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pair = made.ExportParameters(includePrivateParameters: true);
        var closed = await seals.Seal(db, Nobody, pair.D!, Place, ct);
        await db.Execute(
            $"insert into notifications.vapid_keys (id, public_key, private_key, created_at) values (1, {PushCipher.PointOf(pair)}, {closed}, {clock.GetUtcNow()}) on conflict (id) do nothing", ct);
        // Read back, not assumed: of two processes that make one, the second to come takes the first one's.
        return (await Read(db, ct))!;
    }, ct);

    private async Task<Pair?> Read(Db db, CancellationToken ct)
    {
        if (await db.ReadFirst($"select public_key, private_key from notifications.vapid_keys where id = 1", row => (row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)), ct) is not ({ } open, { } closed))
            return null;
        var key = PushCipher.Read(open);
        key.D = await seals.Open(db, Nobody, closed, Place, ct);
        return new(open, key);
    }
}

/// <summary>The pair as it is stored.</summary>
internal sealed class VapidKeyRow
{
    public int Id { get; init; }
    public required byte[] PublicKey { get; init; }
    public required byte[] PrivateKey { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
