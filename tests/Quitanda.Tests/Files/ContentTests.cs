using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Files;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>How bytes are given out.</summary>
public sealed class ContentTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_public_file_may_be_kept_for_good_and_shown_anywhere_and_runs_nothing()
    {
        var file = await (await app.Customer()).Uploaded(Samples.Png(), visibility: "public", name: "coxinha: a melhor?.png");
        var response = await app.Guest.Fetch(file.Text("url"));
        var bytes = await response.Bytes();

        Assert.Equal(Samples.Png(), bytes);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl is { Public: true, MaxAge.TotalDays: 365 });
        Assert.Contains("immutable", response.Headers.CacheControl.ToString(), StringComparison.Ordinal);
        Assert.Equal($"\"{file.Text("sha256")}\"", response.Headers.ETag!.Tag);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("cross-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("sandbox", policy, StringComparison.Ordinal);
        Assert.Equal("bytes", Assert.Single(response.Headers.AcceptRanges));
        Assert.Equal("inline", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("coxinha_ a melhor_.png", response.Content.Headers.ContentDisposition.FileNameStar);
    }

    [Fact]
    public async Task A_document_is_always_saved_and_never_shown()
    {
        var file = await (await app.Customer()).Uploaded(Samples.Pdf(), visibility: "public", name: "cardápio.pdf");
        var response = await app.Guest.Fetch(file.Text("url"));

        Assert.Equal(Samples.Pdf(), await response.Bytes());
        Assert.Equal(("attachment", "cardápio.pdf"), (response.Content.Headers.ContentDisposition!.DispositionType, response.Content.Headers.ContentDisposition.FileNameStar));
        Assert.Contains("filename*=UTF-8''card%C3%A1pio.pdf", Assert.Single(response.Content.Headers.GetValues("Content-Disposition")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_file_is_for_its_owner_and_whoever_holds_its_link_while_it_is_good()
    {
        var owner = await app.Insert();
        var customer = app.As(owner);
        var file = await customer.Uploaded(Samples.Png());
        var link = await customer.LinkTo(file);

        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(file.ContentOf())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await (await app.Customer()).Post($"{Uploading.Path}/{file.Id()}/link")).StatusCode);
        Assert.Equal(Samples.Png(), await (await customer.Fetch(file.ContentOf())).Bytes());
        var response = await app.Guest.Fetch(link);
        Assert.Equal(Samples.Png(), await response.Bytes());
        Assert.True(response.Headers.CacheControl is { Private: true, NoCache: true });
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));

        app.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.Fetch(link)).StatusCode);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("link_expired", await (await app.Guest.Fetch(link)).Refusal(HttpStatusCode.Forbidden));
        var fresh = await app.As(owner).LinkTo(file);
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.Fetch(fresh)).StatusCode);
    }

    [Fact]
    public async Task A_link_that_was_changed_in_any_way_opens_nothing()
    {
        var customer = await app.Customer();
        var (file, other) = (await customer.Uploaded(Samples.Png()), await customer.Uploaded(Samples.Gif()));
        var link = await customer.LinkTo(file);
        var expires = long.Parse(link.Split("expires=")[1].Split('&')[0], System.Globalization.CultureInfo.InvariantCulture);
        var signature = link.Split("signature=")[1];

        foreach (var forged in (string[])[
            link.Replace($"{file.Id()}", $"{other.Id()}", StringComparison.Ordinal), link.Replace($"{expires}", $"{expires + 1}", StringComparison.Ordinal),
            link[..^1], link[..^1] + (link[^1] == 'A' ? 'B' : 'A'), $"{file.ContentOf()}?expires={expires}", $"{file.ContentOf()}?signature={signature}",
            $"{file.ContentOf()}?expires={expires}&signature=", $"{file.ContentOf()}?expires={expires}&signature={new string('A', 5000)}", $"{file.ContentOf()}?expires={expires}&signature=%00"])
            Assert.Contains((await app.Guest.Fetch(forged)).StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.Fetch(link)).StatusCode);
    }

    [Fact]
    public void Links_outlive_a_change_of_secrets_while_both_are_live()
    {
        const string old = "an-old-secret-for-tests-made-of-words", fresh = "a-new-secret-for-tests-made-of-words-too";
        static Quitanda.Files.Files.FileLinks With(string secrets, TimeProvider clock) => new(
            Quitanda.Platform.Secrets.From(new() { TokenSigning = secrets, DataProtection = old }), Microsoft.Extensions.Options.Options.Create(new FileSettings()), clock);
        var id = Guid.CreateVersion7();
        var until = With(old, app.Clock).Until;
        var url = With(old, app.Clock).Signed(id, until);
        var signature = url.Split("signature=")[1];

        Assert.Equal(Quitanda.Files.Files.LinkState.Good, With($"{fresh} {old}", app.Clock).Check(id, new() { Expires = until.ToUnixTimeSeconds(), Signature = signature }));
        Assert.Equal(Quitanda.Files.Files.LinkState.Forged, With(fresh, app.Clock).Check(id, new() { Expires = until.ToUnixTimeSeconds(), Signature = signature }));
        Assert.NotEqual(url, With($"{fresh} {old}", app.Clock).Signed(id, until), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_range_is_answered_with_that_range_and_one_that_is_not_there_with_its_size()
    {
        var bytes = Samples.Png(40, 40);
        var url = (await (await app.Customer()).Uploaded(bytes, visibility: "public")).Text("url");

        var part = await app.Guest.Fetch(url, request => request.Headers.Range = new RangeHeaderValue(5, 9));
        Assert.Equal(bytes[5..10], await part.Bytes(HttpStatusCode.PartialContent));
        Assert.Equal($"bytes 5-9/{bytes.Length}", part.Content.Headers.ContentRange!.ToString());
        Assert.Equal(bytes[^3..], await (await app.Guest.Fetch(url, request => request.Headers.Range = new RangeHeaderValue(null, 3))).Bytes(HttpStatusCode.PartialContent));
        var beyond = await app.Guest.Fetch(url, request => request.Headers.Range = new RangeHeaderValue(bytes.Length, null));
        Assert.Equal("range_not_satisfiable", await beyond.Refusal(HttpStatusCode.RequestedRangeNotSatisfiable));
        Assert.Equal($"bytes */{bytes.Length}", beyond.Content.Headers.ContentRange!.ToString());
        Assert.Null(beyond.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task A_range_of_another_version_is_the_whole_and_a_version_that_is_known_is_not_sent()
    {
        var bytes = Samples.Png(30, 30);
        var file = await (await app.Customer()).Uploaded(bytes, visibility: "public");
        var (url, tag) = (file.Text("url"), new EntityTagHeaderValue($"\"{file.Text("sha256")}\""));

        Assert.Equal(bytes, await (await app.Guest.Fetch(url, request => (request.Headers.Range, request.Headers.IfRange) = (new(0, 3), new("\"another\"")))).Bytes());
        Assert.Equal(bytes[..4], await (await app.Guest.Fetch(url, request => (request.Headers.Range, request.Headers.IfRange) = (new(0, 3), new(tag)))).Bytes(HttpStatusCode.PartialContent));
        Assert.Empty(await (await app.Guest.Fetch(url, request => request.Headers.IfNoneMatch.Add(tag))).Bytes(HttpStatusCode.NotModified));
        Assert.Equal("precondition_failed", await (await app.Guest.Fetch(url, request => request.Headers.IfMatch.Add(new("\"another\"")))).Refusal(HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Head_tells_what_get_would_without_the_bytes()
    {
        var file = await (await app.Customer()).Uploaded(Samples.Png(30, 30), visibility: "public");
        var head = await app.Guest.Fetch(file.Text("url"), method: HttpMethod.Head);

        Assert.Empty(await head.Bytes());
        Assert.Equal(file.GetProperty("size").GetInt64(), head.Content.Headers.ContentLength);
        Assert.Equal(("image/png", $"\"{file.Text("sha256")}\""), (head.Content.Headers.ContentType!.ToString(), head.Headers.ETag!.Tag));
    }

    [Fact]
    public async Task Addresses_begin_with_the_one_that_is_set()
    {
        await using var behind = QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            builder.Configuration["Files:Folder"] = app.Folder;
            builder.Configuration["Files:BaseUrl"] = "https://img.exemplo.test";
        });
        await behind.StartAsync(_ct);
        var client = behind.GetTestServer().CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", app.TokenOf(await app.Insert()));

        Assert.StartsWith("https://img.exemplo.test/api/v1/files/", (await client.Uploaded(Samples.Png(), visibility: "public")).Text("url"), StringComparison.Ordinal);
    }
}
