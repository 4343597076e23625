using System.Globalization;
using System.Text.Json;
using Quitanda.Accounts.Wallets;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>The grammar of EIP-4361: what is a message and what is none, by cases of our own in the shape of the reference's, each held to what the reference reader says too.</summary>
public sealed class WalletMessageTests(WalletLibrary library) : IClassFixture<WalletLibrary>
{
    private const string Account = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";

    private const string Usual = $"""
        loja.exemplo.test wants you to sign in with your Ethereum account:
        {Account}

        Entre na loja: https://loja.exemplo.test/termos (gratis).

        URI: https://loja.exemplo.test/conta
        Version: 1
        Chain ID: 1
        Nonce: 32891756abCD
        Issued At: 2026-03-04T15:00:00Z
        """;

    private const string Bare = $"""
        loja.exemplo.test wants you to sign in with your Ethereum account:
        {Account}


        URI: https://loja.exemplo.test
        Version: 1
        Chain ID: 137
        Nonce: 12345678
        Issued At: 2026-03-04T15:00:00.000Z
        """;

    private const string Full = $"""
        https://ana:x@loja.exemplo.test:8443 wants you to sign in with your Ethereum account:
        {Account}

        ~a.b_c-d :/?#[]@ !$&'()*+,;=

        URI: urn:loja:conta?a=b/c?d#e/f?g
        Version: 1
        Chain ID: 00137
        Nonce: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Issued At: 2026-03-04T15:00:00.123-03:00
        Expiration Time: 2026-03-05t00:00:00z
        Not Before: 2024-02-29T23:59:59+00:00
        Request ID: a-b_c.d~e%20!$&'()*+,;=:@
        Resources:
        - ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
        - https://exemplo.test/%7Eana/a//b/?q=1/2?3#x/y?z
        - mailto:ana@exemplo.test
        """;

    /// <summary>Parts of the messages above and what they may be as well.</summary>
    public static TheoryData<string, string, string> Others() => new()
    {
        { Usual, "loja.exemplo.test wants", "localhost wants" },
        { Usual, "loja.exemplo.test wants", "localhost:4361 wants" },
        { Usual, "loja.exemplo.test wants", "loja.exemplo.test: wants" },
        { Usual, "loja.exemplo.test wants", "127.0.0.1 wants" },
        { Usual, "loja.exemplo.test wants", "1.1.1.256 wants" },
        { Usual, "loja.exemplo.test wants", "ana@127.0.0.1:80 wants" },
        { Usual, "loja.exemplo.test wants", "[::1] wants" },
        { Usual, "loja.exemplo.test wants", "[2001:db8::ff:0:1]:443 wants" },
        { Usual, "loja.exemplo.test wants", "[::ffff:127.0.0.1] wants" },
        { Usual, "loja.exemplo.test wants", "[v1f.a:b] wants" },
        { Usual, "loja.exemplo.test wants", "lo%6Aa.test wants" },
        { Usual, "loja.exemplo.test wants", "xn--po-zja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "http://loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "app+x-1.y://loja.exemplo.test wants" },
        { Usual, "https://loja.exemplo.test/conta", "http://[::1]:80/a/b" },
        { Usual, "https://loja.exemplo.test/conta", "did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP" },
        { Usual, "https://loja.exemplo.test/conta", "a:" },
        { Usual, "https://loja.exemplo.test/conta", "file:///etc" },
        { Usual, "https://loja.exemplo.test/conta", "a:/" },
        { Usual, "https://loja.exemplo.test/conta", "a:/b//c" },
        { Usual, "https://loja.exemplo.test/conta", "a:?#" },
        { Usual, "Nonce: 32891756abCD", "Nonce: 12345678" },
        { Usual, "2026-03-04T15:00:00Z", "2026-12-31T23:59:60Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00.123456789012-23:59" },
        { Full, "Request ID: a-b_c.d~e%20!$&'()*+,;=:@", "Request ID: " },
        { Bare, "15:00:00.000Z", "15:00:00.000Z\nResources:" },
        { Bare, "15:00:00.000Z", "15:00:00.000Z\nRequest ID: x\nResources:\n- a:b" },
        { Bare, "15:00:00.000Z", "15:00:00.000Z\nNot Before: 2026-03-04T15:00:00Z" },
    };

    /// <summary>Parts of the messages above and what makes them none.</summary>
    public static TheoryData<string, string, string> Broken() => new()
    {
        { Usual, "loja.exemplo.test wants", " wants" },
        { Usual, "loja.exemplo.test wants", "wants" },
        { Usual, "loja.exemplo.test wants", "loja.exemplo.test  wants" },
        { Usual, "loja.exemplo.test wants", " loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "loja.exemplo.test:x wants" },
        { Usual, "loja.exemplo.test wants", "loja.exemplo.test/ wants" },
        { Usual, "loja.exemplo.test wants", "#loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "a@b@loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "lo%zza wants" },
        { Usual, "loja.exemplo.test wants", "lojá.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "1://loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "://loja.exemplo.test wants" },
        { Usual, "loja.exemplo.test wants", "[::1 wants" },
        { Usual, "loja.exemplo.test wants", "[::1::2] wants" },
        { Usual, "loja.exemplo.test wants", "[1:2:3:4:5:6:7:8:9] wants" },
        { Usual, "loja.exemplo.test wants", "[loja] wants" },
        { Usual, "loja.exemplo.test wants", "[] wants" },
        { Usual, "wants you to sign in", "wants you to Sign in" },
        { Usual, "account:", "account" },
        { Usual, "account:", "account: " },
        { Usual, Account, Account.ToLowerInvariant() },
        { Usual, Account, "0x" + Account[2..].ToUpperInvariant() },
        { Usual, Account, Account[..^1] },
        { Usual, Account, Account + "0" },
        { Usual, Account, Account[2..] },
        { Usual, Account, "0X" + Account[2..] },
        { Usual, Account, Account.Replace("C02a", "c02a", StringComparison.Ordinal) },
        { Usual, Account, Account + " " },
        { Usual, $"{Account}\n\n", $"{Account}\n" },
        { Usual, "(gratis).\n\n", "(gratis).\n" },
        { Usual, "(gratis).\n\n", "(gratis).\n\n\n" },
        { Usual, "gratis", "grátis" },
        { Usual, "gratis", "100%" },
        { Usual, "gratis", "a\"b" },
        { Usual, "gratis", "a\\b" },
        { Usual, "gratis", "<b>" },
        { Usual, "gratis", "a\tb" },
        { Usual, "gratis", "a\0b" },
        { Usual, "gratis", "a\nb" },
        { Bare, $"{Account}\n\n\n", $"{Account}\n\n" },
        { Bare, $"{Account}\n\n\n", $"{Account}\n" },
        { Usual, "URI: https://loja.exemplo.test/conta\n", "" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: " },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: loja.exemplo.test/conta" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: :loja" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/a b" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/%g0" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/#a#b" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/[a]" },
        { Usual, "URI: https://loja.exemplo.test/conta", "URI: https://loja.exemplo.test/ç" },
        { Usual, "URI: https://loja.exemplo.test/conta", "uri: https://loja.exemplo.test/conta" },
        { Usual, "Version: 1", "Version: 2" },
        { Usual, "Version: 1", "Version: 1.0" },
        { Usual, "Version: 1", "Version:1" },
        { Usual, "Version: 1\n", "" },
        { Usual, "Chain ID: 1", "Chain ID: " },
        { Usual, "Chain ID: 1", "Chain ID: 0x1" },
        { Usual, "Chain ID: 1", "Chain ID: -1" },
        { Usual, "Chain ID: 1", "Chain ID: ١" },
        { Usual, "Chain ID: 1\n", "" },
        { Usual, "Nonce: 32891756abCD", "Nonce: 1234567" },
        { Usual, "Nonce: 32891756abCD", "Nonce: 1234567-" },
        { Usual, "Nonce: 32891756abCD", "Nonce: " },
        { Usual, "Nonce: 32891756abCD\n", "" },
        { Usual, "Version: 1\nChain ID: 1", "Chain ID: 1\nVersion: 1" },
        { Usual, "2026-03-04T15:00:00Z", "" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04 15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00.Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-3-4T15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-13-04T15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-00-04T15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-02-30T15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2025-02-29T15:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T24:00:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:60:00Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:61Z" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00+24:00" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00+03:60" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00+0300" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00Z\n" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00Z " },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00Z\nMore: x" },
        { Usual, "2026-03-04T15:00:00Z", "2026-03-04T15:00:00Z\nResources: a:b" },
        { Full, "Expiration Time: 2026-03-05t00:00:00z", "Expiration Time: soon" },
        { Full, "Not Before: 2024-02-29T23:59:59+00:00", "Not Before: " },
        { Full, "Expiration Time: 2026-03-05t00:00:00z\nNot Before: 2024-02-29T23:59:59+00:00", "Not Before: 2024-02-29T23:59:59+00:00\nExpiration Time: 2026-03-05t00:00:00z" },
        { Full, "Request ID: a-b_c", "Request ID: a/b" },
        { Full, "Request ID: a-b_c", "Request ID: a b" },
        { Full, "- mailto:ana@exemplo.test", "- ana" },
        { Full, "- mailto:ana@exemplo.test", "-mailto:ana@exemplo.test" },
        { Full, "- mailto:ana@exemplo.test", "- mailto:ana@exemplo.test\n" },
        { Full, "- mailto:ana@exemplo.test", "\n- mailto:ana@exemplo.test" },
    };

    [Theory]
    [InlineData(Usual)]
    [InlineData(Bare)]
    [InlineData(Full)]
    public async Task A_message_is_read_as_the_reference_reads_it(string text)
    {
        var ours = WalletMessage.Read(text);
        Assert.NotNull(ours);
        AssertSame(await Reference(text), ours);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Everything_that_the_grammar_allows_is_read(string text, string part, string other)
    {
        var changed = Changed(text, part, other);
        var ours = WalletMessage.Read(changed);
        Assert.NotNull(ours);
        AssertSame(await Reference(changed), ours);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Nothing_else_is_a_message(string text, string part, string other)
    {
        var changed = Changed(text, part, other);
        Assert.Null(WalletMessage.Read(changed));
        Assert.Equal(JsonValueKind.Null, (await Reference(changed)).ValueKind);
    }

    [Fact]
    public void Where_the_reference_is_kinder_we_are_not()
    {
        // Nobody in particular asks, and a statement that says nothing, which the EIP has not.
        Assert.Null(WalletMessage.Read(Changed(Usual, "loja.exemplo.test wants", ":443 wants")));
        Assert.Null(WalletMessage.Read(Changed(Bare, $"{Account}\n\n\n", $"{Account}\n\n\n\n")));
    }

    [Fact]
    public void Line_ends_of_another_kind_and_what_stands_around_make_it_none()
    {
        foreach (var text in (string[])[Usual, Bare, Full])
        {
            Assert.Null(WalletMessage.Read(text.Replace("\n", "\r\n", StringComparison.Ordinal)));
            Assert.Null(WalletMessage.Read(text.Replace('\n', '\r')));
            for (var at = 0; at < text.Length; at++)
                if (text[at] == '\n')
                    Assert.Null(WalletMessage.Read(text.Insert(at, "\r")));
            foreach (var around in (string[])["\n", " ", "\0", "\r", "\uFEFF", "\u2028"])
            {
                Assert.Null(WalletMessage.Read(around + text));
                Assert.Null(WalletMessage.Read(text + around));
            }
        }

        Assert.Null(WalletMessage.Read(""));
    }

    [Fact]
    public void No_part_is_longer_than_it_may_be()
    {
        Assert.NotNull(WalletMessage.Read(Changed(Usual, "gratis", new string('a', 900))));
        Assert.Null(WalletMessage.Read(Changed(Usual, "gratis", new string('a', 1000))));
        Assert.Null(WalletMessage.Read(Changed(Usual, "loja.exemplo.test wants", new string('a', 301) + " wants")));
        Assert.Null(WalletMessage.Read(Changed(Usual, "https://loja.exemplo.test/conta", "a:" + new string('a', 999))));
        Assert.Null(WalletMessage.Read(Changed(Usual, "Chain ID: 1", "Chain ID: " + new string('1', 19))));
        Assert.Null(WalletMessage.Read(Changed(Usual, "32891756abCD", new string('1', 129))));
        Assert.Null(WalletMessage.Read(Changed(Usual, "00:00Z", "00:00." + new string('1', 31) + "Z")));
        Assert.Null(WalletMessage.Read(Changed(Full, "Request ID: a-b_c", "Request ID: " + new string('a', 201))));
        Assert.NotNull(WalletMessage.Read(Usual + "\nResources:" + string.Concat(Enumerable.Repeat("\n- a:b", 20))));
        Assert.Null(WalletMessage.Read(Usual + "\nResources:" + string.Concat(Enumerable.Repeat("\n- a:b", 21))));
        Assert.Null(WalletMessage.Read(Usual + "\nResources:" + string.Concat(Enumerable.Repeat("\n- a:" + new string('b', 900), 5))));
    }

    [Fact]
    public void Times_are_what_they_say()
    {
        var full = WalletMessage.Read(Full)!;
        Assert.Equal(DateTimeOffset.Parse("2026-03-04T18:00:00.123Z", CultureInfo.InvariantCulture), full.IssuedAt);
        Assert.Equal(DateTimeOffset.Parse("2026-03-05T00:00:00Z", CultureInfo.InvariantCulture), full.ExpirationTime);
        Assert.Equal(DateTimeOffset.Parse("2024-02-29T23:59:59Z", CultureInfo.InvariantCulture), full.NotBefore);
        Assert.Equal(DateTimeOffset.Parse("2027-01-01T00:00:00Z", CultureInfo.InvariantCulture), WalletMessage.Read(Changed(Usual, "2026-03-04T15:00:00Z", "2026-12-31T23:59:60Z"))!.IssuedAt);
        Assert.Null(WalletMessage.Read(Changed(Usual, "2026-03-04T15:00:00Z", "0001-01-01T00:00:00+00:01")));
        Assert.Null(WalletMessage.Read(Changed(Usual, "2026-03-04T15:00:00Z", "9999-12-31T23:59:59-00:01")));
        Assert.Null(WalletMessage.Read(Changed(Usual, "2026-03-04T15:00:00Z", "0000-01-01T00:00:00Z")));
    }

    [Fact]
    public void What_we_write_is_what_we_read()
    {
        foreach (var text in (string[])[Usual, Bare, Full])
        {
            var message = WalletMessage.Read(text)!;
            var again = WalletMessage.Read(message.ToString())!;
            Assert.Equal(message.ToString(), again.ToString());
            Assert.Equal((message.Domain, message.Uri, message.IssuedAt, message.ExpirationTime, message.NotBefore, message.Nonce), (again.Domain, again.Uri, again.IssuedAt, again.ExpirationTime, again.NotBefore, again.Nonce));
        }

        Assert.Equal(Bare, WalletMessage.Read(Bare)!.ToString());
    }

    private static string Changed(string text, string part, string other)
    {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, other, StringComparison.Ordinal);
    }

    private async Task<JsonElement> Reference(string text) => (await library.Ask(new { ask = "read", messages = new[] { text } })).GetProperty("read")[0];

    private static void AssertSame(JsonElement reference, WalletMessage ours)
    {
        Assert.Equal(JsonValueKind.Object, reference.ValueKind);
        Assert.Equal(
            (Text("scheme"), Text("domain"), Text("address"), Text("statement"), Text("uri"), Text("nonce"), Text("requestId")),
            (ours.Scheme, ours.Domain, ours.Address.ToString(), ours.Statement, ours.Uri, ours.Nonce, ours.RequestId));
        Assert.Equal(reference.GetProperty("chainId").GetInt64(), ours.ChainId);
        Assert.Equal(reference.GetProperty("resources") is { ValueKind: JsonValueKind.Array } resources ? resources.EnumerateArray().Select(resource => resource.GetString()!) : null, ours.Resources, StringComparer.Ordinal);

        string? Text(string name) => reference.GetProperty(name).GetString();
    }
}
