using Quitanda.Files.Files;
using Quitanda.Files.Formats;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>What a file may be called.</summary>
public sealed class FileNameTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Theory]
    [InlineData("foto.png", "foto.png")]
    [InlineData("foto.PNG", "foto.png")]
    [InlineData("../../etc/passwd", "passwd.png")]
    [InlineData("..\\..\\windows\\system32\\evil.exe", "evil.exe.png")]
    [InlineData("/", "file.png")]
    [InlineData("..", "file.png")]
    [InlineData("", "file.png")]
    [InlineData(null, "file.png")]
    [InlineData(".png", "file.png")]
    [InlineData("a\0b.png", "ab.png")]
    [InlineData("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png")]
    [InlineData("foto\u202Egnp.exe", "fotognp.exe.png")]
    [InlineData("fo\u200Bto\uFEFF.png", "foto.png")]
    [InlineData("CON", "_CON.png")]
    [InlineData("nul.png", "_nul.png")]
    [InlineData("com1.tar.png", "_com1.tar.png")]
    [InlineData("console.png", "console.png")]
    [InlineData("a<b>\"c|?*.png", "a_b__c___.png")]
    [InlineData(" . foto . ", "foto.png")]
    [InlineData("100%.png", "100_.png")]
    [InlineData("ção da mãe 👩‍👧.png", "ção da mãe 👩👧.png")]
    public void A_name_is_only_ever_a_name(string? sent, string kept) => Assert.Equal(kept, FileName.Clean(sent, FileFormat.Png));

    [Fact]
    public void However_long_or_odd_a_name_is_what_is_kept_is_short_and_stays_as_it_is()
    {
        var random = new Random(99);
        foreach (var sent in Enumerable.Range(0, Size.Of(normal: 2_000, full: 100_000)).Select(_ => new string([.. Enumerable.Range(0, random.Next(300)).Select(_ => (char)random.Next(1, random.Next(2) == 0 ? 128 : 65_536))])).Append(new string('a', 100_000)).Append(string.Concat(Enumerable.Repeat("👩", 200))))
        {
            var kept = FileName.Clean(sent, FileFormat.Jpeg);

            Assert.InRange(kept.Length, 1, 130);
            Assert.DoesNotContain(kept, letter => letter is '/' or '\\' or '"' or '\0' || char.IsControl(letter));
            Assert.Equal(kept, FileName.Clean(kept, FileFormat.Jpeg));
            Assert.Contains(FileFormat.Jpeg.Extensions, extension => kept.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_name_sent_with_a_file_is_cleaned_and_no_path_is_made_of_it()
    {
        var customer = await app.Customer();
        foreach (var (sent, kept) in ((string, string)[])[("../../../../tmp/evil.png", "evil.png"), ("..%2F..%2Fevil.png", ".._2F.._2Fevil.png"), ("C:\\evil.png", "evil.png"), (new string('x', 3000) + ".png", new string('x', 120) + ".png")])
        {
            var form = Uploading.Raw("multipart/form-data; boundary=b", Uploading.Part("b", $"form-data; name=\"file\"; filename=\"{sent.Replace("\\", "\\\\", StringComparison.Ordinal)}\"", Samples.Png()), Uploading.End("b"));
            var file = await (await customer.SendForm(form)).Body(System.Net.HttpStatusCode.Created);
            Assert.Equal(kept.TrimStart('.'), file.Text("name").TrimStart('.'));
        }

        Assert.All(app.Objects(), path => Assert.Matches("/objects/2026-03-[0-9]{2}/[0-9a-f]{32}$", path));
    }
}
