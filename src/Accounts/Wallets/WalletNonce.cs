using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Platform;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// What makes a message one of its kind: given out, good once within 5 minutes. Kept as a hash of itself and of what it is for, so that with another address, chain or domain it is
/// simply not there. The newest takes the slot of the oldest.
/// </summary>
internal sealed class WalletNonce
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>More than 128 random bits in letters and digits.</summary>
    private const int Length = 22;

    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public required int Slot { get; init; }
    public required byte[] Hash { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>One that nobody can guess.</summary>
    public static string New() => RandomNumberGenerator.GetString(Characters, Length);

    /// <summary>Keeps the nonce of a message that is given out.</summary>
    public static void Keep(Db db, WalletMessage message, DateTimeOffset expiresAt) => db.Write(
        $"""
        insert into accounts.wallet_nonces (slot, hash, expires_at) values (nextval('accounts.wallet_nonce_slots'), {HashOf(message)}, {expiresAt})
        on conflict (slot) do update set hash = excluded.hash, expires_at = excluded.expires_at
        """);

    /// <summary>Whether a message's nonce is one of ours and good.</summary>
    public static Task<bool> IsGood(Db db, WalletMessage message, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst(Finding(message, now), _ => true, ct);

    /// <summary>The same, and keeps it from all others until the transaction ends: of many with one nonce, on any process, one after the other has it.</summary>
    public static Task<bool> Take(Db db, WalletMessage message, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst($"{Finding(message, now)} for update", _ => true, ct);

    /// <summary>Ends a nonce that was taken.</summary>
    public static void Spend(Db db, WalletMessage message) => db.Write($"delete from accounts.wallet_nonces where hash = {HashOf(message)}");

    private static Sql Finding(WalletMessage message, DateTimeOffset now) => $"select 1 from accounts.wallet_nonces where hash = {HashOf(message)} and expires_at > {now}";

    // A line feed is in none of the parts, so no two sets of them read the same.
    private static byte[] HashOf(WalletMessage message) => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{message.Nonce}\n{message.Address}\n{message.ChainId}\n{message.Domain}")));
}
