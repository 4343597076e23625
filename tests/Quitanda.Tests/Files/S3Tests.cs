using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Host;

namespace Quitanda.Tests.Files;

/// <summary>An application whose files are in the bucket of a real server.</summary>
public sealed class S3App(TestPostgres postgres) : QuitandaApp(postgres), IAsyncLifetime
{
    public S3Server Server { get; } = new();

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await Server.InitializeAsync();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await Server.DisposeAsync();
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(Server.Settings);
}

public sealed class S3Tests(S3App app) : IClassFixture<S3App>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_goes_to_the_bucket_and_comes_back_whole_and_in_parts()
    {
        var bytes = Samples.Png(60, 60);
        var file = await (await app.Customer()).Uploaded(bytes, visibility: "public");

        Assert.Contains(app.Server.Objects(), key => key.StartsWith("shop/2026-", StringComparison.Ordinal) && key.EndsWith($"{file.Id():N}", StringComparison.Ordinal));
        Assert.Empty(app.Objects());
        var response = await app.Guest.Fetch(file.Text("url"));
        Assert.Equal(bytes, await response.Bytes());
        Assert.Equal("image/png", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(bytes[7..20], await (await app.Guest.Fetch(file.Text("url"), request => request.Headers.Range = new RangeHeaderValue(7, 19))).Bytes(HttpStatusCode.PartialContent));
        Assert.Equal(bytes[^4..], await (await app.Guest.Fetch(file.Text("url"), request => request.Headers.Range = new RangeHeaderValue(null, 4))).Bytes(HttpStatusCode.PartialContent));
        Assert.Equal(bytes.Length, (await app.Guest.Fetch(file.Text("url"), method: HttpMethod.Head)).Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_file_as_large_as_may_be_comes_back_as_it_was()
    {
        var bytes = Samples.Pdf(inside: [.. "5 0 obj\n<< >>\nstream\n"u8, .. RandomBytes(4_900_000), .. "\nendstream\nendobj\n"u8]);
        var file = await (await app.Customer()).Uploaded(bytes, visibility: "public", name: "longo.pdf");

        Assert.Equal(bytes, await (await app.Guest.Fetch(file.Text("url"))).Bytes());
    }

    [Fact]
    public async Task A_deleted_file_leaves_the_bucket()
    {
        var customer = await app.Customer();
        var file = await customer.Uploaded(Samples.Png());
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Delete($"{Uploading.Path}/{file.Id()}")).StatusCode);
        await app.RunJobs();

        Assert.DoesNotContain(app.Server.Objects(), key => key.Contains($"{file.Id():N}", StringComparison.Ordinal));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.files where id = {file.Id()}"));
    }

    [Fact]
    public async Task A_client_sends_to_the_bucket_itself_exactly_what_it_announced_and_nothing_is_served_before_it_is_proved()
    {
        var customer = await app.Customer();
        var sent = Samples.Jpeg(segments: [Samples.JpegNotes(6)]);
        var announced = await (await customer.Post($"{Uploading.Path}/presign", new { name = "foto.jpg", contentType = "image/jpeg", size = sent.Length, visibility = "public" })).Body(HttpStatusCode.Created);
        var (file, upload) = (announced.GetProperty("file"), announced.GetProperty("upload"));
        Assert.StartsWith(app.Server.Endpoint, upload.Text("url"), StringComparison.Ordinal);

        Assert.Equal("upload_missing", await (await customer.Post($"{Uploading.Path}/{file.Id()}/complete")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.Forbidden, (await Put(upload, [.. sent, 0])).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Put(upload, sent, contentType: "text/html")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Put(upload, sent, url: upload.Text("url").Replace("X-Amz-Signature=", "X-Amz-Signature=0", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Put(upload, sent)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(file.ContentOf())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await (await app.Customer()).Post($"{Uploading.Path}/{file.Id()}/complete")).StatusCode);

        var incoming = await app.Scalar<string>($"select object_key from files.files where id = {file.Id()}");
        var ready = await (await customer.Post($"{Uploading.Path}/{file.Id()}/complete")).Body();
        Assert.True(ready.GetProperty("isReady").GetBoolean());
        var served = await (await app.Guest.Fetch(ready.Text("url"))).Bytes();
        Assert.False(served.Holds(Samples.SecretBytes));
        await app.RunJobs();
        Assert.DoesNotContain(app.Server.Objects(), key => key.EndsWith(incoming!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_sent_and_proves_to_be_something_else_never_becomes_a_file()
    {
        var customer = await app.Customer();
        foreach (var (bytes, code) in ((byte[], string)[])[("<svg onload=\"alert(1)\"/>"u8.ToArray(), "unsupported_media_type"), (Samples.Gif(), "unsupported_media_type"), (Samples.Png()[..^4], "malformed_file")])
        {
            var announced = await (await customer.Post($"{Uploading.Path}/presign", new { name = "a.png", contentType = "image/png", size = bytes.Length })).Body(HttpStatusCode.Created);
            Assert.Equal(HttpStatusCode.OK, (await Put(announced.GetProperty("upload"), bytes)).StatusCode);
            var completed = await customer.Post($"{Uploading.Path}/{announced.GetProperty("file").Id()}/complete");
            Assert.Equal(code, await completed.Refusal(completed.StatusCode));
            Assert.Equal(HttpStatusCode.NotFound, (await customer.Fetch(announced.GetProperty("file").ContentOf())).StatusCode);
        }
    }

    [Fact]
    public async Task Downloads_are_sent_on_to_the_bucket_where_that_is_set()
    {
        await using var redirecting = QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            builder.Configuration["Files:Folder"] = app.Folder;
            builder.Configuration.AddInMemoryCollection(app.Server.Settings);
            builder.Configuration["S3:Redirects"] = "true";
        });
        await redirecting.StartAsync(_ct);
        var client = redirecting.GetTestServer().CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", app.TokenOf(await app.Insert()));
        var file = await client.Uploaded(Samples.Pdf(), name: "nota.pdf");

        var answer = await client.Fetch(file.ContentOf());
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var direct = HostProcess.Client(app.Server.Port);
        var given = await direct.GetAsync(answer.Headers.Location, _ct);
        Assert.Equal(Samples.Pdf(), await given.Bytes());
        Assert.Equal("attachment", given.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(HttpStatusCode.Forbidden, (await direct.GetAsync(answer.Headers.Location!.AbsoluteUri.Replace("X-Amz-Signature=", "X-Amz-Signature=0", StringComparison.Ordinal), _ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await direct.GetAsync(answer.Headers.Location.GetLeftPart(UriPartial.Path), _ct)).StatusCode);
    }

    [Fact]
    public async Task An_object_that_no_row_names_is_collected_and_one_that_is_on_its_way_is_not()
    {
        var customer = await app.Customer();
        var (lost, kept) = (await customer.Uploaded(Samples.Png()), await customer.Uploaded(Samples.Png(), visibility: "public"));
        // As a process leaves it that dies between the store and its transaction, and whose row was collected since.
        await app.Execute($"delete from files.files where id = {lost.Id()}");
        await OrphanTests.Collect(app, TimeSpan.FromMinutes(30));
        Assert.Contains(app.Server.Objects(), key => key.EndsWith($"{lost.Id():N}", StringComparison.Ordinal));
        await OrphanTests.Collect(app, TimeSpan.FromHours(1));

        Assert.DoesNotContain(app.Server.Objects(), key => key.EndsWith($"{lost.Id():N}", StringComparison.Ordinal));
        Assert.Equal(Samples.Png(), await (await app.Guest.Fetch(kept.ContentOf())).Bytes());
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private async Task<HttpResponseMessage> Put(JsonElement upload, byte[] bytes, string? contentType = null, string? url = null)
    {
        using var client = HostProcess.Client(app.Server.Port);
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new(contentType ?? upload.GetProperty("headers").Text("Content-Type"));
        return await client.PutAsync(url ?? upload.Text("url"), content, _ct);
    }
}

/// <summary>The store goes away and comes back.</summary>
public sealed class S3OutageTests(S3App app) : IClassFixture<S3App>
{
    [Fact]
    public async Task Without_the_store_uploads_and_downloads_are_503_soon_and_well_again_when_it_is_back()
    {
        var customer = await app.Customer();
        var file = await customer.Uploaded(Samples.Png(), visibility: "public");
        var gone = await customer.Uploaded(Samples.Png());
        await app.Server.Stop();

        var begun = LivedTime.Now;
        var refused = await customer.Upload(Samples.Png(), key: "again");
        Assert.Equal("unavailable", await refused.Refusal(HttpStatusCode.ServiceUnavailable));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Guest.Fetch(file.Text("url"))).StatusCode);
        Assert.InRange(LivedTime.Since(begun).TotalSeconds, 0, 10);
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Delete($"{Uploading.Path}/{gone.Id()}")).StatusCode);
        await app.RunJobs();
        // It is still to be deleted, and the row remembers that.
        Assert.Equal("deleted", await app.Scalar<string>($"select state from files.files where id = {gone.Id()}"));

        await app.Server.Start();
        Assert.Equal(Samples.Png(), await (await app.Guest.Fetch(file.Text("url"))).Bytes());
        await (await customer.Upload(Samples.Png(), key: "again")).Body(HttpStatusCode.Created);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await app.RunJobs();
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.files where id = {gone.Id()}"));
        // No row stands for what could not be stored.
        Assert.Equal(2, await app.Scalar<long>($"select count(*) from files.files where owner_id = (select owner_id from files.files where id = {file.Id()})"));
    }
}
