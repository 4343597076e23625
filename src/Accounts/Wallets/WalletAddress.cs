using System.Text;

namespace Quitanda.Accounts.Wallets;

/// <summary>An Ethereum address: the last 20 bytes of the hash of a key.</summary>
internal sealed class WalletAddress
{
    /// <summary>How one is written, whatever its case.</summary>
    public const string Pattern = "^0x[0-9a-fA-F]{40}$";

    private const int Digits = 2 * Secp256k1.AddressBytes;

    private readonly string _text;

    /// <summary>One of its 20 bytes.</summary>
    public WalletAddress(byte[] bytes)
    {
        Bytes = bytes;
        _text = Checksummed(bytes);
    }

    /// <summary>The 20 bytes, as they are stored.</summary>
    public byte[] Bytes { get; }

    /// <summary>What somebody is called who has told no name: <c>0x12ab…34cd</c>.</summary>
    public string Short => $"{_text[..6]}…{_text[^4..]}";

    /// <summary>
    /// Reads what has the shape of <see cref="Pattern"/>. In capitals or in small letters throughout it says nothing more; in both, which are capitals is its checksum (EIP-55).
    /// Null where that is wrong: a digit was mistyped.
    /// </summary>
    public static WalletAddress? Read(string text)
    {
        var digits = text.AsSpan(2);
        var address = new WalletAddress(Convert.FromHexString(digits));
        var isMixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        return !isMixed || text == address._text ? address : null;
    }

    /// <summary>With its checksum, which is how it is shown everywhere.</summary>
    public override string ToString() => _text;

    private static string Checksummed(byte[] bytes)
    {
        var small = Convert.ToHexStringLower(bytes);
        var hash = Convert.ToHexStringLower(Secp256k1.Keccak256(Encoding.ASCII.GetBytes(small)));
        return string.Create(2 + Digits, (small, hash), static (text, from) =>
        {
            (text[0], text[1]) = ('0', 'x');
            for (var i = 0; i < Digits; i++)
                text[2 + i] = from.hash[i] >= '8' ? char.ToUpperInvariant(from.small[i]) : from.small[i];
        });
    }
}
