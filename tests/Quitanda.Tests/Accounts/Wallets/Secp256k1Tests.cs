using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Accounts.Wallets;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>Keccak-256, checksums of addresses and the recovery of who signed, by published vectors and by what two other implementations make of the same.</summary>
public sealed class Secp256k1Tests(WalletLibrary library) : IClassFixture<WalletLibrary>
{
    /// <summary>The signature of web3.js's documentation, of <c>accounts.sign('Some data', ...)</c>.</summary>
    private const string SomeData = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029";

    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("The quick brown fox jumps over the lazy dog", "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15")]
    public void Keccak_is_the_one_from_before_the_standard(string text, string hash) => Assert.Equal(hash, Convert.ToHexStringLower(Secp256k1.Keccak256(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public async Task Keccak_of_every_length_around_its_blocks_is_what_another_implementation_says()
    {
        const int Lengths = 600;
        var others = (await library.Ask(new { ask = "hash", upTo = Lengths })).GetProperty("hashes");

        for (var length = 0; length < Lengths; length++)
            Assert.Equal(others[length].GetString(), "0x" + Convert.ToHexStringLower(Secp256k1.Keccak256([.. Enumerable.Range(0, length).Select(at => (byte)(at * 7 + length))])));
    }

    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void Addresses_have_the_checksums_of_EIP_55(string address)
    {
        Assert.Equal(address, WalletAddress.Read(address)?.ToString());
        Assert.Equal(address, WalletAddress.Read(address.ToLowerInvariant())?.ToString());
        Assert.Equal(address, WalletAddress.Read("0x" + address[2..].ToUpperInvariant())?.ToString());
    }

    [Fact]
    public void An_address_whose_checksum_is_wrong_is_none()
    {
        const string Right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for (var i = 2; i < Right.Length; i++)
            if (char.IsLetter(Right[i]))
                Assert.Null(WalletAddress.Read($"{Right[..i]}{(char)(Right[i] ^ 0x20)}{Right[(i + 1)..]}"));
        Assert.Null(WalletAddress.Read("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee"));
        Assert.Equal("0x5aAe…eAed", WalletAddress.Read(Right)!.Short);
    }

    [Theory]
    // Of web3.js: messages, the texts that they sign.
    [InlineData("1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655", SomeData + "1c", "2c7536e3605d9c16a7a3d7b1898e529396a65c23")]
    [InlineData("1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655", SomeData + "01", "2c7536e3605d9c16a7a3d7b1898e529396a65c23")]
    // Of go-ethereum's tests of its own recovery: the address of the key that is given there.
    [InlineData("ce0677bb30baa8cf067c88db9811f4333d131bf8bcf12fe7065d211dce971008", "90f27b8b488db00b00606796d2987f6a5f59ae62ea05effe84fef5b8b0e549984a691139ad57a3f0b906637673aa2f63d1f55cb1a69199d4009eea23ceaddc9301", "a19d069d48d2e9392ec2bb41ecab0a72119d633b")]
    // Of Ethereum's tests of the precompiled contract, whose s is in the upper half: the other of the two is the same signature.
    [InlineData("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c", "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f1146bf4e2fc4de1c94f1b81868960f68bc842490f1b6bc98387ba6b57599fbf81b", "a94f5374fce5edbc8e2a8697c15331677e6ebf0b")]
    public void Who_signed_is_who_the_published_vectors_say(string hash, string signature, string address) =>
        Assert.Equal(address, Signer(hash, signature));

    [Fact]
    public void A_text_is_hashed_as_wallets_hash_it() =>
        Assert.Equal("1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655", Convert.ToHexStringLower(WalletMessage.SignedHash("Some data")));

    [Fact]
    public void A_signature_of_the_upper_half_is_nobodys()
    {
        const string Hash = "18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c";
        Assert.Null(Signer(Hash, "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75feeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c45491c"));
        // The last s that is taken, and the first that is not.
        var r = SomeData[..64];
        Assert.NotNull(Signer(Hash, r + Text(Order / 2) + "1b"));
        Assert.Null(Signer(Hash, r + Text(Order / 2 + 1) + "1b"));
    }

    [Fact]
    public void What_is_no_signature_is_nobodys()
    {
        const string Hash = "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655";
        var (r, s, zero) = (SomeData[..64], SomeData[64..], new string('0', 64));
        string[] wrong =
        [
            "", SomeData, SomeData + "1c00", "00" + SomeData + "1c", zero + s + "1c", r + zero + "1c", zero + zero + "1c",
            Text(Order) + s + "1c", Text(Order + 1) + s + "1c", r + Text(Order) + "1c", new string('f', 128) + "1c", r + new string('f', 64) + "1c",
            // No point of the curve has this x.
            Text(5) + s + "1c",
        ];
        Assert.All(wrong, signature => Assert.Null(Signer(Hash, signature)));
        for (var v = 0; v <= byte.MaxValue; v++)
            Assert.Equal(v is 0 or 1 or 27 or 28, Signer(Hash, $"{SomeData}{v:x2}") is not null);
        Assert.Null(Signer(Hash[2..], SomeData + "1c"));
    }

    [Fact]
    public void A_key_at_infinity_is_nobodys()
    {
        // s times R less z times G is nothing where R is G, and s is z.
        var x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        Assert.Null(Signer(Text(7), x + Text(7) + "1b"));
        Assert.NotNull(Signer(Text(7), x + Text(7) + "1c"));
        Assert.NotNull(Signer(Text(0), x + Text(7) + "1b"));
        Assert.NotNull(Signer(new string('f', 64), x + Text(7) + "1b"));
    }

    [Fact]
    public async Task Who_signed_is_who_a_wallet_signs_for()
    {
        for (var i = 0; i < 3; i++)
        {
            var wallet = await library.New();
            var hashes = Enumerable.Range(0, 20).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))).ToArray();
            var signatures = (await library.Ask(new { ask = "signHashes", key = wallet.Key, hashes = hashes.Select(hash => "0x" + hash) })).GetProperty("signatures");
            for (var at = 0; at < hashes.Length; at++)
                Assert.Equal(wallet.Address[2..].ToLowerInvariant(), Signer(hashes[at], signatures[at].GetString()![2..]));
        }
    }

    [Fact]
    public void Who_signed_is_who_the_frameworks_own_curve_signs_for()
    {
        for (var i = 0; i < 20; i++)
        {
            using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
            var hash = RandomNumberGenerator.GetBytes(32);
            var signature = key.SignHash(hash);
            var s = new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
            var low = Convert.ToHexStringLower(signature.AsSpan(0, 32)) + Text(s > Order / 2 ? Order - s : s);
            var q = key.ExportParameters(includePrivateParameters: false).Q;
            var address = Convert.ToHexStringLower(Secp256k1.Keccak256([.. q.X!, .. q.Y!]).AsSpan(12));

            // Which of the two it is, this signature does not say.
            Assert.Single((string[])["1b", "1c"], v => Signer(Convert.ToHexStringLower(hash), low + v) == address);
        }
    }

    private static string? Signer(string hash, string signature) =>
        Secp256k1.SignerOf(Convert.FromHexString(hash), Convert.FromHexString(signature)) is { } address ? Convert.ToHexStringLower(address) : null;

    private static string Text(BigInteger number) => number.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(64, '0');
}
