using System.Globalization;
using System.Text;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// What a wallet shows its owner and signs, so that they sign in: the message of EIP-4361. It says to whom (<see cref="Domain"/>, <see cref="Uri"/>), who
/// (<see cref="Address"/>), and by <see cref="Nonce"/> and times that it is this once.
/// </summary>
internal sealed record WalletMessage
{
    /// <summary>Said between the domain and the address.</summary>
    internal const string Asks = " wants you to sign in with your Ethereum account:";

    /// <summary>Characters at the most. What we write has about 450.</summary>
    public const int Longest = 4000;

    /// <summary>The scheme of the page that asks, where it is said.</summary>
    public string? Scheme { get; init; }

    /// <summary>The authority of RFC 3986 that asks: <c>loja.example.com</c>, with its port where it is not the usual one.</summary>
    public required string Domain { get; init; }

    /// <summary>Who signs.</summary>
    public required WalletAddress Address { get; init; }

    /// <summary>What is said to the owner, in one line of ASCII.</summary>
    public string? Statement { get; init; }

    /// <summary>What is signed in to.</summary>
    public required string Uri { get; init; }

    /// <summary>The chain, by EIP-155.</summary>
    public required long ChainId { get; init; }

    /// <summary>Letters and digits, at least 8.</summary>
    public required string Nonce { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset? ExpirationTime { get; init; }

    /// <summary>When it begins.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>A name of the request, for who asked.</summary>
    public string? RequestId { get; init; }

    /// <summary>What else is asked for; null where the message does not speak of it.</summary>
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>Reads a message, which must be one to the letter; null where it is none.</summary>
    public static WalletMessage? Read(string text) => WalletGrammar.Read(text);

    /// <summary>What a wallet's key signs of a text: its hash with what EIP-191 puts before it, so that it cannot be a transaction.</summary>
    public static byte[] SignedHash(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Secp256k1.Keccak256([.. Encoding.ASCII.GetBytes($"\u0019Ethereum Signed Message:\n{bytes.Length}"), .. bytes]);
    }

    /// <summary>The message as a wallet shows and signs it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Scheme is not null)
            text.Append(Scheme).Append("://");
        text.Append(Domain).Append(Asks).Append('\n').Append(Address).Append("\n\n");
        if (Statement is not null)
            text.Append(Statement).Append('\n');
        text.Append("\nURI: ").Append(Uri).Append("\nVersion: 1\nChain ID: ").Append(ChainId.ToString(CultureInfo.InvariantCulture))
            .Append("\nNonce: ").Append(Nonce).Append("\nIssued At: ").Append(Time(IssuedAt));
        if (ExpirationTime is { } end)
            text.Append("\nExpiration Time: ").Append(Time(end));
        if (NotBefore is { } begin)
            text.Append("\nNot Before: ").Append(Time(begin));
        if (RequestId is not null)
            text.Append("\nRequest ID: ").Append(RequestId);
        if (Resources is not null)
            text.Append("\nResources:").AppendJoin("", Resources.Select(resource => $"\n- {resource}"));
        return text.ToString();
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
