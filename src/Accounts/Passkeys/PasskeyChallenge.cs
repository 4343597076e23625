using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>
/// What was asked of an authenticator: 256 random bits that its answer must have signed, once, within five minutes, on any process. The row has their hash, by which it is found,
/// and the framework's state of the ceremony, sealed by the bits themselves: whoever reads the table has neither.
/// </summary>
internal sealed class PasskeyChallenge
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private static readonly byte[] Purpose = "quitanda passkey challenge"u8.ToArray();

    public required byte[] Hash { get; init; }

    /// <summary>In which a passkey is being added; null for a sign-in.</summary>
    public Guid? SessionId { get; init; }

    public required byte[] State { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Keeps the challenge of a sign-in.</summary>
    public static Task KeepForSignIn(Db db, byte[] challenge, string state, DateTimeOffset now, CancellationToken ct) => db.Execute(
        $"insert into accounts.passkey_challenges (hash, state, created_at, expires_at) values ({SHA256.HashData(challenge)}, {Close(challenge, state)}, {now}, {now + Lifetime})", ct);

    /// <summary>Keeps the challenge of a session that is going on, in the place of the one it had; false where the session has ended.</summary>
    public static async Task<bool> KeepFor(Guid sessionId, Db db, byte[] challenge, string state, DateTimeOffset now, CancellationToken ct) => await db.Execute(
        $"""
        insert into accounts.passkey_challenges (hash, session_id, state, created_at, expires_at)
        select {SHA256.HashData(challenge)}, id, {Close(challenge, state)}, {now}, {now + Lifetime} from accounts.sessions where id = {sessionId} and revoked_at is null
        on conflict (session_id) do update set hash = excluded.hash, state = excluded.state, created_at = excluded.created_at, expires_at = excluded.expires_at
        """, ct) == 1;

    /// <summary>
    /// Spends the challenge that an authenticator's answer names: the state that was kept with it, or null where there is none such for this session (null for a sign-in), or not any more.
    /// One statement decides: of many with one answer, the first to get the row has it and all others find none.
    /// </summary>
    public static async Task<string?> Spend(Db db, string clientDataJson, Guid? sessionId, DateTimeOffset now, CancellationToken ct)
    {
        if (NamedIn(clientDataJson) is not { } challenge)
            return null;
        var closed = await db.ReadFirst(
            $"""
            delete from accounts.passkey_challenges c where c.hash = {SHA256.HashData(challenge)} and c.session_id is not distinct from {sessionId} and c.expires_at > {now}
                and (c.session_id is null or exists (select 1 from accounts.sessions s where s.id = c.session_id and s.revoked_at is null))
            returning c.state
            """, row => row.GetFieldValue<byte[]>(0), ct);
        return closed is null ? null : Open(challenge, closed);
    }

    /// <summary>The challenge that a browser says it answered; null where it says none. Nothing is proved by it but which row to look at.</summary>
    private static byte[]? NamedIn(string clientDataJson)
    {
        try
        {
            using var said = JsonDocument.Parse(Base64Url.DecodeFromChars(clientDataJson));
            return said.RootElement.ValueKind == JsonValueKind.Object && said.RootElement.TryGetProperty("challenge", out var challenge) && challenge.ValueKind == JsonValueKind.String
                ? Base64Url.DecodeFromChars(challenge.GetString())
                : null;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            // Not what a browser writes, so it names none.
            return null;
        }
    }

    private static byte[] Close(byte[] challenge, string state)
    {
        var plain = Encoding.UTF8.GetBytes(state);
        var closed = new byte[plain.Length + TagBytes];
        using var aes = new AesGcm(KeyOf(challenge), TagBytes);
        // A challenge is never used twice, so its key seals one text and needs no other nonce.
        aes.Encrypt(new byte[NonceBytes], plain, closed.AsSpan(0, plain.Length), closed.AsSpan(plain.Length));
        return closed;
    }

    private static string Open(byte[] challenge, byte[] closed)
    {
        var plain = new byte[closed.Length - TagBytes];
        using var aes = new AesGcm(KeyOf(challenge), TagBytes);
        aes.Decrypt(new byte[NonceBytes], closed.AsSpan(0, plain.Length), closed.AsSpan(plain.Length), plain);
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] KeyOf(byte[] challenge) => HKDF.DeriveKey(HashAlgorithmName.SHA256, challenge, 32, info: Purpose);
}
