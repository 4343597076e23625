using System.Text;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Platform;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>One-time codes against the published vectors, and the picture that an app reads the secret from.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Fact]
    public void Codes_by_a_counter_are_those_of_RFC_4226_appendix_D() => Assert.Equal(
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"],
        Enumerable.Range(0, 10).Select(counter => Totp.Code(Secret, counter)), StringComparer.Ordinal);

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_by_the_clock_are_those_of_RFC_6238_appendix_B(long seconds, string code)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(code, Totp.Code(Secret, Totp.StepAt(at), digits: 8));
        Assert.Equal(Totp.StepAt(at), Totp.StepOf(Secret, code[2..], at));
    }

    [Fact]
    public void A_clock_may_be_off_by_one_step_and_no_more()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        var current = Totp.StepAt(now);

        Assert.Equal([null, current - 1, current, current + 1, null], Enumerable.Range(-2, 5).Select(off => Totp.StepOf(Secret, Totp.Code(Secret, current + off), now)));
        foreach (var nonsense in (string[])["", "00592", "0059240", "OO5924", "٠٠٥٩٢٤"])
            Assert.Null(Totp.StepOf(Secret, nonsense, now));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_is_that_of_RFC_4648_section_10(string text, string encoded) => Assert.Equal(encoded, Totp.Base32(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public async Task A_camera_reads_the_address_out_of_the_picture()
    {
        const string Address = "otpauth://totp/Vai%20Coxinha:ana.souza%2Bloja%40exemplo.test?secret=MZXW6YTBOIMZXW6YTBOIMZXW6YTBOI&issuer=Vai%20Coxinha&algorithm=SHA1&digits=6&period=30";
        var picture = Path.Combine(Path.GetTempPath(), $"quitanda-qr-{Guid.CreateVersion7():N}.svg");
        await File.WriteAllTextAsync(picture, QrSvg.Of(Address), TestContext.Current.CancellationToken);
        try
        {
            using var camera = await Npm.Start("qr", "read.js", picture);
            var read = await camera.Until(said => said.TryGetProperty("text", out _));
            Assert.Equal(Address, read.Text("text"));
        }
        finally
        {
            File.Delete(picture);
        }
    }
}
