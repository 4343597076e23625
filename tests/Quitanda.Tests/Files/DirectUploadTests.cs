using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>Files that a client sends by a signed address, where they are kept in a folder.</summary>
public sealed class DirectUploadTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    internal static Task<HttpResponseMessage> Put(HttpClient client, JsonElement upload, byte[] bytes, string? contentType = null, string? url = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new(contentType ?? upload.GetProperty("headers").Text("Content-Type"));
        return client.SendAsync(new HttpRequestMessage(HttpMethod.Put, url ?? upload.Text("url")) { Content = content }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_was_announced_is_sent_proved_and_then_a_file_like_any_other()
    {
        var customer = await app.Customer();
        var sent = Samples.Jpeg(segments: [Samples.JpegNotes(6)], behind: Samples.SecretBytes);
        var announced = await Announce(customer, sent.Length, "image/jpeg", "../../foto.exe");
        var (file, upload) = (announced.GetProperty("file"), announced.GetProperty("upload"));

        Assert.Equal(("PUT", "foto.exe.jpg", false), (upload.Text("method"), file.Text("name"), file.GetProperty("isReady").GetBoolean()));
        Assert.Equal($"{sent.Length}", upload.GetProperty("headers").Text("Content-Length"));
        Assert.Equal("file_not_ready", await (await customer.Post($"{Uploading.Path}/{file.Id()}/link")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await Put(app.Guest, upload, sent)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await customer.Fetch(file.ContentOf())).StatusCode);

        var ready = await (await Complete(customer, file)).Body();
        Assert.Equal((true, 8, 16), (ready.GetProperty("isReady").GetBoolean(), ready.GetProperty("width").GetInt32(), ready.GetProperty("height").GetInt32()));
        var bytes = await (await app.Guest.Fetch(await customer.LinkTo(ready))).Bytes();
        Assert.False(bytes.Holds(Samples.SecretBytes));
        Assert.Equal(ready.GetProperty("size").GetInt64(), bytes.Length);
        Assert.Equal(ready.Text("sha256"), (await (await Complete(customer, file)).Body()).Text("sha256"));
    }

    [Fact]
    public async Task The_address_takes_these_bytes_and_no_others_and_not_for_ever()
    {
        var customer = await app.Customer();
        var announced = await Announce(customer, Samples.Png().Length);
        var (file, upload) = (announced.GetProperty("file"), announced.GetProperty("upload"));
        var other = (await Announce(customer, Samples.Png().Length)).GetProperty("upload");

        Assert.Equal("forbidden", await (await Put(app.Guest, upload, [.. Samples.Png(), 0])).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("forbidden", await (await Put(app.Guest, upload, Samples.Png(), contentType: "text/html")).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("forbidden", await (await Put(app.Guest, upload, Samples.Png(), url: $"{Uploading.Path}/{file.Id()}/upload?{other.Text("url").Split('?')[1]}")).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("forbidden", await (await Put(app.Guest, upload, Samples.Png(), url: $"{Uploading.Path}/{file.Id()}/upload")).Refusal(HttpStatusCode.Forbidden));
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("link_expired", await (await Put(app.Guest, upload, Samples.Png())).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("upload_missing", await (await Complete(customer, file)).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_file_that_is_ready_takes_no_bytes_any_more()
    {
        var customer = await app.Customer();
        var announced = await Announce(customer, Samples.Png().Length);
        await Put(app.Guest, announced.GetProperty("upload"), Samples.Png());
        var ready = await (await Complete(customer, announced.GetProperty("file"))).Body();

        Assert.Equal("forbidden", await (await Put(app.Guest, announced.GetProperty("upload"), Samples.Png())).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal(Samples.Png(), await (await customer.Fetch(ready.Text("url"))).Bytes());
    }

    [Fact]
    public async Task Of_many_that_complete_at_once_each_gets_the_one_file()
    {
        var customer = app.As(await app.Insert());
        var before = app.Objects();
        var announced = await Announce(customer, Samples.Png(30, 30).Length);
        await Put(app.Guest, announced.GetProperty("upload"), Samples.Png(30, 30));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Complete(customer, announced.GetProperty("file"))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await app.RunJobs();
        await app.UntilOneMore(before);
        Assert.Equal(Samples.Png(30, 30), await (await customer.Fetch(announced.GetProperty("file").ContentOf())).Bytes());
    }

    [Fact]
    public async Task Nothing_too_large_empty_or_of_another_kind_is_announced()
    {
        var customer = await app.Customer();
        Assert.Equal("payload_too_large", await (await AnnounceRaw(customer, 5 * 1024 * 1024 + 1)).Refusal(HttpStatusCode.RequestEntityTooLarge));
        Assert.Equal("validation_failed", await (await AnnounceRaw(customer, 0)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("validation_failed", await (await AnnounceRaw(customer, 10, "image/svg+xml")).Refusal(HttpStatusCode.BadRequest));
    }

    private static async Task<JsonElement> Announce(HttpClient client, int size, string contentType = "image/png", string name = "foto.png") =>
        await (await AnnounceRaw(client, size, contentType, name)).Body(HttpStatusCode.Created);

    private static Task<HttpResponseMessage> AnnounceRaw(HttpClient client, int size, string contentType = "image/png", string name = "foto.png") =>
        client.Post($"{Uploading.Path}/presign", new { name, contentType, size });

    private static Task<HttpResponseMessage> Complete(HttpClient client, JsonElement file) => client.Post($"{Uploading.Path}/{file.Id()}/complete");
}
