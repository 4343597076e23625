using System.Text;
using Quitanda.Notifications.Webhooks;
using Quitanda.Tests.Payments;

namespace Quitanda.Tests.Notifications;

/// <summary>Signatures as the Standard Webhooks specification has them, proved by its own library.</summary>
public sealed class SignatureTests(SignatureTests.Library library) : IClassFixture<SignatureTests.Library>
{
    /// <summary>The vector that the specification's libraries are tested with.</summary>
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void The_published_vector_is_signed_as_published() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        Signature.Of([Convert.FromBase64String(Secret["whsec_".Length..])], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public async Task The_specifications_library_takes_what_either_live_secret_signed_and_nothing_else()
    {
        var (older, newer, stranger) = (Signature.NewSecret(), Signature.NewSecret(), Signature.NewSecret());
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        const string Body = """{"id":"1","type":"order.placed","data":{"name":"Pão de queijo"}}""";
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook-id"] = "0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77",
            ["webhook-timestamp"] = $"{now}",
            ["webhook-signature"] = Signature.Of([newer, older], "0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77", now, Encoding.UTF8.GetBytes(Body)),
        };
        foreach (var (secret, body, isGood) in ((byte[], string, bool)[])[(older, Body, true), (newer, Body, true), (stranger, Body, false), (newer, Body.Replace("1", "2", StringComparison.Ordinal), false)])
            Assert.Equal(isGood, (await library.Ask(new { secret = Signature.Show(secret), headers, body })).GetProperty("good").GetBoolean());
    }

    public sealed class Library() : ProviderLibrary("standardwebhooks", "verify.js");
}
