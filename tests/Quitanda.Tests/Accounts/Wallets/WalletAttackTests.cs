using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>What somebody tries who is not who they say, or was who they say: none of it is let in, and nobody gets an account by it.</summary>
public sealed class WalletAttackTests(WalletApp app, WalletLibrary library) : IClassFixture<WalletApp>, IClassFixture<WalletLibrary>
{
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>What a wallet is led to sign, and is not what was given out: each is signed rightly.</summary>
    [Theory]
    [InlineData("loja.exemplo.test wants", "loja.mal.test wants")]
    [InlineData("loja.exemplo.test wants", "loja.exemplo.test.mal.test wants")]
    [InlineData("loja.exemplo.test wants", "loja.exemplo.test:8443 wants")]
    [InlineData("loja.exemplo.test wants", "ana@loja.exemplo.test wants")]
    [InlineData("loja.exemplo.test wants", "LOJA.exemplo.test wants")]
    [InlineData("loja.exemplo.test wants", "http://loja.exemplo.test wants")]
    [InlineData("URI: https://loja.exemplo.test/conta", "URI: https://loja.mal.test/conta")]
    [InlineData("URI: https://loja.exemplo.test/conta", "URI: http://loja.exemplo.test/conta")]
    [InlineData("URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/conta/outra")]
    [InlineData("Chain ID: 1", "Chain ID: 137")]
    [InlineData("Chain ID: 1", "Chain ID: 5")]
    [InlineData("Chain ID: 1", "Chain ID: 0")]
    [InlineData("Nonce: ", "Nonce: x")]
    [InlineData("Issued At: 2026", "Issued At: 2027")]
    [InlineData("Issued At: 2026", "Issued At: 2025")]
    [InlineData("Expiration Time: 2026", "Expiration Time: 2025")]
    [InlineData("\nExpiration Time: .*", "")]
    [InlineData("(Expiration Time: .*)", "$1\nNot Before: 2027-01-01T00:00:00Z")]
    public async Task Another_message_than_the_one_given_out_signs_nobody_in(string part, string other)
    {
        var wallet = await library.New();
        var message = await app.MessageFor(wallet);
        var changed = Regex.Replace(message, part, other, RegexOptions.None, Eventually.Patience);
        Assert.NotEqual(message, changed, StringComparer.Ordinal);

        Assert.Equal("invalid_credentials", await (await app.Send(changed, await wallet.Sign(changed))).Refusal(HttpStatusCode.Unauthorized));
        await NobodyHas(wallet);
        // The one that was given out is still good: nobody ends it who does not know all of it.
        await (await app.Send(message, await wallet.Sign(message))).Body();
    }

    [Theory]
    [InlineData("Version: 1", "Version: 2")]
    [InlineData("\n", "\r\n")]
    [InlineData("$", "\n")]
    [InlineData("transaction", "tra\0nsaction")]
    [InlineData("transaction", "transação")]
    [InlineData("Nonce: .*", "Nonce: 1234567")]
    [InlineData("0x", "0X")]
    public async Task What_is_no_message_is_told_so(string part, string other)
    {
        var wallet = await library.New();
        var message = await app.MessageFor(wallet);
        var changed = Regex.Replace(message, part, other, RegexOptions.None, Eventually.Patience);

        Assert.Equal("validation_failed", await (await app.Send(changed, await wallet.Sign(changed))).Refusal(HttpStatusCode.BadRequest));
        await NobodyHas(wallet);
    }

    [Fact]
    public async Task A_message_of_somebody_else_signs_nobody_in()
    {
        var (victim, thief) = (await library.New(), await library.New());
        await app.Enter(victim);
        var sessions = await app.Scalar<long>($"select count(*) from accounts.sessions");

        // The victim's message, signed by the thief; the thief's name in it, signed by the thief; and the thief's message with the victim's name.
        var asked = await app.MessageFor(victim);
        Assert.Equal("invalid_credentials", await (await app.Send(asked, await thief.Sign(asked))).Refusal(HttpStatusCode.Unauthorized));
        var renamed = (await app.MessageFor(victim)).Replace(victim.Address, thief.Address, StringComparison.Ordinal);
        Assert.Equal("invalid_credentials", await (await app.Send(renamed, await thief.Sign(renamed))).Refusal(HttpStatusCode.Unauthorized));
        var own = (await app.MessageFor(thief)).Replace(thief.Address, victim.Address, StringComparison.Ordinal);
        Assert.Equal("invalid_credentials", await (await app.Send(own, await thief.Sign(own))).Refusal(HttpStatusCode.Unauthorized));

        Assert.Equal(sessions, await app.Scalar<long>($"select count(*) from accounts.sessions"));
        await NobodyHas(thief);
    }

    [Fact]
    public async Task A_message_is_good_once_and_for_five_minutes()
    {
        var wallet = await library.New();
        var message = await app.MessageFor(wallet);
        var signature = await wallet.Sign(message);
        app.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        await (await app.Send(message, signature)).Body();
        Assert.Equal("invalid_credentials", await (await app.Send(message, signature)).Refusal(HttpStatusCode.Unauthorized));

        var late = await app.MessageFor(wallet);
        signature = await wallet.Sign(late);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("invalid_credentials", await (await app.Send(late, signature)).Refusal(HttpStatusCode.Unauthorized));
        // Nor with another end, which the wallet signs as well.
        late = await app.MessageFor(wallet);
        late = Regex.Replace(late, "Expiration Time: 2026", "Expiration Time: 2036", RegexOptions.None, Eventually.Patience);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("invalid_credentials", await (await app.Send(late, await wallet.Sign(late))).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_message_that_was_changed_by_a_byte_after_it_was_signed_signs_nobody_in()
    {
        var wallet = await library.New();
        var length = (await app.MessageFor(wallet)).Length;
        for (var at = 0; at < length; at += 7)
        {
            var message = await app.MessageFor(wallet);
            var signature = await wallet.Sign(message);
            var answer = await app.Send($"{message[..at]}{(char)(message[at] ^ 1)}{message[(at + 1)..]}", signature);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} with another byte {at}");
        }

        await NobodyHas(wallet);
    }

    [Fact]
    public async Task A_wrong_signature_ends_its_message()
    {
        var (wallet, other) = (await library.New(), await library.New());
        foreach (var forge in (Func<string, string>[])[Mirrored, OtherV, Unknown, signature => "0x" + new string('0', 130), signature => signature[..4] + Flipped(signature[4]) + signature[5..]])
        {
            var message = await app.MessageFor(wallet);
            var signature = await wallet.Sign(message);
            Assert.Equal("invalid_credentials", await (await app.Send(message, forge(signature))).Refusal(HttpStatusCode.Unauthorized));
            Assert.Equal("invalid_credentials", await (await app.Send(message, signature)).Refusal(HttpStatusCode.Unauthorized));
        }

        await NobodyHas(wallet);
        var mine = await app.MessageFor(other);
        // With v of 0 or 1, as some wallets write it.
        var written = await other.Sign(mine);
        await (await app.Send(mine, written[..^2] + (written.EndsWith("1b", StringComparison.Ordinal) ? "00" : "01"))).Body();

        // The same signature by EIP-2 upside down, which recovers to the same signer: s for -s, and the other v.
        static string Mirrored(string signature)
        {
            var s = Order - BigInteger.Parse("0" + signature[66..130], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            return OtherV(signature[..66] + s.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(64, '0') + signature[130..]);
        }

        static string OtherV(string signature) => signature[..^2] + (signature.EndsWith("1b", StringComparison.Ordinal) ? "1c" : "1b");

        static string Unknown(string signature) => signature[..^2] + "1d";

        static char Flipped(char digit) => digit == '0' ? '1' : '0';
    }

    [Fact]
    public async Task What_has_not_the_shape_of_a_signature_is_told_so_and_ends_nothing()
    {
        var wallet = await library.New();
        var message = await app.MessageFor(wallet);
        var signature = await wallet.Sign(message);
        foreach (var wrong in (string[])["", "0x", signature[..^2], signature + "00", signature[2..], signature[..^1] + "g", signature + "\n", "0x" + new string('0', 100_000)])
            Assert.Equal("validation_failed", await (await app.Send(message, wrong)).Refusal(HttpStatusCode.BadRequest));
        foreach (var wrong in (string[])["", message + new string('a', 4000), new string('\n', 4000), new string('a', 100_000)])
            Assert.Equal("validation_failed", await (await app.Send(wrong, signature)).Refusal(HttpStatusCode.BadRequest));
        await (await app.Send(message, signature)).Body();
    }

    private async Task NobodyHas(TestWallet wallet) =>
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.wallets where address = {Convert.FromHexString(wallet.Address[2..])}"));
}
