using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>Uploads that mean harm are refused, or come out as what they pretend to be and nothing else; none leaves anything behind.</summary>
public sealed class HostileUploadTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Type = "multipart/form-data; boundary=b";
    private static readonly byte[] Script = "<script>alert(document.domain)</script>"u8.ToArray();

    [Fact]
    public async Task What_is_also_something_else_is_refused_or_comes_out_as_an_image_alone()
    {
        var customer = await app.Customer();
        foreach (var (bytes, type) in ((byte[], string)[])[
            (Samples.Gif(blocks: [Samples.GifExtension(0xFE, Script)], behind: Script), "image/gif"),
            (Samples.Png(beforeData: [Samples.PngChunk("tEXt", Script)], behind: Script), "image/png"),
            (Samples.Jpeg(segments: [Samples.Segment(0xFE, Script)], behind: Samples.Zip()), "image/jpeg"),
            (Samples.Jpeg(behind: Samples.Pdf()), "image/jpeg"),
            ([.. Samples.Webp(20, 10, Samples.WebpChunk("XMP ", Script)), .. Samples.Zip()], "image/webp")])
        {
            var file = await (await customer.Upload(bytes, visibility: "public", name: "imagem.html", contentType: "text/html")).Body(HttpStatusCode.Created);
            var response = await app.Guest.Fetch(file.Text("url"));
            var served = await response.Bytes();

            Assert.Equal((type, type), (file.Text("contentType"), response.Content.Headers.ContentType!.ToString()));
            Assert.False(served.Holds(Script) || served.Holds("PK\x03\x04"u8) || served.Holds("%PDF"u8), type);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Fact]
    public async Task What_only_claims_to_be_an_image_is_refused_and_leaves_nothing()
    {
        var customer = await app.Customer();
        var before = await app.Kept();
        foreach (var bytes in (byte[][])["<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"u8.ToArray(), [.. "<!doctype html>"u8, .. Script], Samples.Zip(), "MZ\x90\0"u8.ToArray(), new byte[100]])
            Assert.Equal("unsupported_media_type", await (await customer.Upload(bytes, name: "foto.png", contentType: "image/png")).Refusal(HttpStatusCode.UnsupportedMediaType));
        Assert.Equal("malformed_file", await (await customer.Upload(Samples.Pdf(behind: Samples.Zip()))).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("malformed_file", await (await customer.Upload("GIF89a/*"u8.ToArray())).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("image_too_large", await (await customer.Upload(Samples.Png(100_000, 100_000))).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("image_too_large", await (await customer.Upload(Samples.Gif(65_535, 65_535))).Refusal(HttpStatusCode.BadRequest));

        await app.NothingNew(before);
        Assert.Empty(app.Spooled());
    }

    [Fact]
    public async Task Thousands_of_parts_and_endless_headers_end_at_the_first_too_many()
    {
        var customer = await app.Customer();
        var part = Uploading.Part("b", "form-data; name=\"visibility\"", "public"u8.ToArray());
        Assert.Equal("validation_failed", await (await customer.SendForm(Uploading.Raw(Type, [.. Enumerable.Repeat(part, 20_000)]))).Refusal(HttpStatusCode.BadRequest));

        var headers = string.Concat(Enumerable.Range(0, 5000).Select(n => $"X-{n}: y\r\n"));
        foreach (var endless in (string[])[headers, $"X: {new string('y', 200_000)}\r\n", $"{new string('y', 100_000)}"])
            Assert.Equal("malformed_multipart", await (await customer.SendForm(Uploading.Raw(Type, Uploading.Part("b", "form-data; name=\"file\"; filename=\"a.png\"", Samples.Png(), endless), Uploading.End("b")))).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Boundaries_that_play_tricks_are_forms_of_one_file_or_refused()
    {
        var customer = await app.Customer();
        // Something like the boundary inside the file belongs to the file, and a line that is it ends the file there.
        var inside = Samples.Png(beforeData: [Samples.PngChunk("tEXt", "\r\n--bb\r\n--"u8.ToArray())]);
        Assert.Equal(Samples.Png(), await (await customer.Fetch((await (await customer.SendForm(Uploading.Raw("multipart/form-data; boundary=bcd", Uploading.Part("bcd", "form-data; name=\"file\"", inside), Uploading.End("bcd")))).Body(HttpStatusCode.Created)).ContentOf())).Bytes());
        var cut = Samples.Png(beforeData: [Samples.PngChunk("tEXt", "\r\n--b\r\nContent-Disposition: form-data; name=\"visibility\"\r\n\r\npublic\r\n--b--\r\n"u8.ToArray())]);
        Assert.Equal("malformed_file", await (await customer.SendForm(Uploading.Raw(Type, Uploading.Part("b", "form-data; name=\"file\"", cut), Uploading.End("b")))).Refusal(HttpStatusCode.BadRequest));
        // A boundary of 70 characters is the longest there is; quotes and spaces are part of some.
        var longest = new string('x', 70);
        await (await customer.SendForm(Uploading.Raw($"multipart/form-data; boundary=\"{longest}\"", Uploading.Part(longest, "form-data; name=\"file\"", Samples.Png()), Uploading.End(longest)))).Body(HttpStatusCode.Created);
        await (await customer.SendForm(Uploading.Raw("multipart/form-data; boundary=\"a b\"", Uploading.Part("a b", "form-data; name=\"file\"", Samples.Png()), Uploading.End("a b")))).Body(HttpStatusCode.Created);
        // What stands before the first boundary and behind the last is nobody's.
        await (await customer.SendForm(Uploading.Raw(Type, "preamble\r\n"u8.ToArray(), Uploading.Part("b", "form-data; name=\"file\"", Samples.Png()), Uploading.End("b"), Script))).Body(HttpStatusCode.Created);
        foreach (var wrong in (string[])["multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=b; boundary=c", "multipart/mixed; boundary=b", "multipart/form-data;boundary=\"b"])
            Assert.Contains((await customer.SendForm(Uploading.Raw(wrong, Uploading.Part("c", "form-data; name=\"file\"", Samples.Png()), Uploading.End("c")))).StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType]);
    }

    [Fact]
    public async Task A_file_that_never_arrives_is_not_waited_for_for_ever()
    {
        await using var impatient = QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            builder.Configuration["Files:Folder"] = app.Folder;
            builder.Configuration["Files:UploadSeconds"] = "1";
        });
        await impatient.StartAsync(TestContext.Current.CancellationToken);
        var client = impatient.GetTestServer().CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", app.TokenOf(await app.Insert()));

        using var never = new Endless(Uploading.Part("b", "form-data; name=\"file\"", Samples.Png()));
        Assert.Equal("request_timeout", await (await client.SendForm(never)).Refusal(HttpStatusCode.RequestTimeout));
        Assert.Empty(app.Spooled());
    }

    /// <summary>A body whose beginning is sent, and nothing after it.</summary>
    private sealed class Endless : HttpContent
    {
        private readonly byte[] _beginning;
        private readonly CancellationTokenSource _disposed = new();

        public Endless(byte[] beginning)
        {
            _beginning = beginning;
            Headers.TryAddWithoutValidation("Content-Type", Type);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_beginning);
            await stream.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _disposed.Cancel();
            base.Dispose(disposing);
        }
    }
}
