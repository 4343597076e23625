using System.Net;
using System.Security.Cryptography;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

public sealed class UploadTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_stored_without_its_notes_and_comes_back_as_it_is_described()
    {
        var customer = await app.Customer();
        var response = await customer.Upload(Samples.Jpeg(segments: [Samples.JpegNotes(6), Samples.Segment(0xFE, Samples.SecretBytes)], behind: Samples.SecretBytes), name: "férias na praia.jpeg");
        var file = await response.Body(HttpStatusCode.Created);

        Assert.Equal($"/api/v1/files/{file.Id()}", response.Headers.Location!.OriginalString);
        Assert.Equal(("image/jpeg", "férias na praia.jpeg", "private", true, 8, 16), (file.Text("contentType"), file.Text("name"), file.Text("visibility"), file.GetProperty("isReady").GetBoolean(), file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32()));
        Assert.Equal(await customer.TagOf($"{Uploading.Path}/{file.Id()}"), response.Tag());
        var bytes = await (await customer.Fetch(file.ContentOf())).Bytes();
        Assert.Equal(file.GetProperty("size").GetInt32(), bytes.Length);
        Assert.Equal(file.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.False(bytes.Holds(Samples.SecretBytes));
        Assert.Equal(file.GetRawText()[..40], (await (await customer.Get($"{Uploading.Path}/{file.Id()}")).Body()).GetRawText()[..40]);
    }

    [Theory]
    [InlineData("png", "image/png", ".png")]
    [InlineData("gif", "image/gif", ".gif")]
    [InlineData("webp", "image/webp", ".webp")]
    [InlineData("pdf", "application/pdf", ".pdf")]
    public async Task The_type_is_what_the_bytes_prove_whatever_is_declared(string kind, string type, string ending)
    {
        var bytes = kind switch { "png" => Samples.Png(), "gif" => Samples.Gif(), "webp" => Samples.Webp(), _ => Samples.Pdf() };
        var file = await (await (await app.Customer()).Upload(bytes, name: "página.html", contentType: "text/html")).Body(HttpStatusCode.Created);

        Assert.Equal((type, $"página.html{ending}"), (file.Text("contentType"), file.Text("name")));
    }

    [Fact]
    public async Task A_guest_uploads_nothing_and_is_not_listened_to()
    {
        var before = await app.Kept();
        Assert.Equal("unauthenticated", await (await app.Guest.Upload(Samples.Png())).Refusal(HttpStatusCode.Unauthorized));
        await app.NothingNew(before);
    }

    [Fact]
    public async Task The_same_key_and_file_is_one_file_and_the_same_answer_however_the_form_is_written()
    {
        var customer = await app.Customer();
        var bytes = Samples.Png(behind: Guid.CreateVersion7().ToByteArray());
        var first = await customer.Upload(bytes, key: "one");
        // A client that repeats itself makes a new boundary each time.
        var again = await customer.Upload(bytes, key: "one");

        Assert.Equal(await first.Content.ReadAsStringAsync(_ct), await again.Content.ReadAsStringAsync(_ct));
        // What is kept for a repetition opens no door.
        Assert.DoesNotContain("signature", await first.Content.ReadAsStringAsync(_ct), StringComparison.Ordinal);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal("idempotency_key_reused", await (await customer.Upload(Samples.Png(5, 5), key: "one")).Refusal(HttpStatusCode.UnprocessableEntity));
        Assert.Equal("idempotency_key_reused", await (await customer.Upload(bytes, visibility: "public", key: "one")).Refusal(HttpStatusCode.UnprocessableEntity));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from files.files where state = 'ready' and owner_id = (select owner_id from files.files where id = {(await first.Body(HttpStatusCode.Created)).Id()})"));
    }

    [Fact]
    public async Task One_key_sent_many_times_at_once_has_one_effect_and_leaves_no_object_behind()
    {
        var customer = app.As(await app.Insert());
        var before = app.Objects();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => customer.Upload(Samples.Png(9, 9), key: "race")));

        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict]));
        var made = new HashSet<Guid>();
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Created))
            made.Add((await answer.Body(HttpStatusCode.Created)).Id());
        Assert.Single(made);
        await app.UntilOneMore(before);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_declared_or_not()
    {
        var customer = await app.Customer();
        var large = new byte[6 * 1024 * 1024];
        Samples.Png().CopyTo(large, 0);
        var before = await app.Kept();

        Assert.Equal("payload_too_large", await (await customer.Upload(large)).Refusal(HttpStatusCode.RequestEntityTooLarge));
        Assert.Equal("payload_too_large", await (await customer.SendForm(new Unannounced(Uploading.Form(large)))).Refusal(HttpStatusCode.RequestEntityTooLarge));
        await app.NothingNew(before);
    }

    [Fact]
    public async Task A_body_that_is_no_form_of_one_file_is_refused_by_name()
    {
        var customer = await app.Customer();
        var file = Uploading.Part("b", "form-data; name=\"file\"; filename=\"a.png\"", Samples.Png());
        const string type = "multipart/form-data; boundary=b";

        async Task Refuses(HttpStatusCode status, string code, HttpContent body) => Assert.Equal(code, await (await customer.SendForm(body)).Refusal(status));
        await Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type", new StringContent("{}"));
        await Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type", Uploading.Raw("image/png", Samples.Png()));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw("multipart/form-data", file, Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw($"multipart/form-data; boundary={new string('b', 71)}", file));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw(type, file));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw(type, file[..^40]));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw(type));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw("multipart/form-data; boundary=another", file, Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw(type, Uploading.Part("b", "attachment; name=\"file\"", Samples.Png()), Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "malformed_multipart", Uploading.Raw(type, "--b\r\n\r\n"u8.ToArray(), Samples.Png(), "\r\n"u8.ToArray(), Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "validation_failed", Uploading.Raw(type, Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "validation_failed", Uploading.Raw(type, Uploading.Part("b", "form-data; name=\"visibility\"", "public"u8.ToArray()), Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "validation_failed", Uploading.Raw(type, file, file, Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "validation_failed", Uploading.Raw(type, Uploading.Part("b", "form-data; name=\"file\"; filename=\"a.png\"", []), Uploading.End("b")));
        await Refuses(HttpStatusCode.BadRequest, "validation_failed", Uploading.Form(Samples.Png(), visibility: "everyone"));
        await Refuses(HttpStatusCode.BadRequest, "unknown_field", Uploading.Raw(type, Uploading.Part("b", "form-data; name=\"owner\"", "me"u8.ToArray()), file, Uploading.End("b")));
    }

    [Fact]
    public async Task What_somebody_keeps_has_a_limit_and_deleting_makes_room()
    {
        var owner = await app.Insert();
        var customer = app.As(owner);
        var file = await customer.Uploaded(Samples.Png());
        await app.Execute($"update files.files set size = {200L * 1024 * 1024} where id = {file.Id()}");

        Assert.Equal("quota_exceeded", await (await customer.Upload(Samples.Png())).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Delete($"{Uploading.Path}/{file.Id()}")).StatusCode);
        await customer.Uploaded(Samples.Png());
    }

    [Fact]
    public async Task A_deleted_file_is_gone_at_once_and_its_bytes_with_the_next_jobs()
    {
        var customer = await app.Customer();
        var file = await customer.Uploaded(Samples.Gif(), visibility: "public");
        var stored = Assert.Single(app.Objects(), path => path.Contains($"{file.Id():N}", StringComparison.Ordinal));

        Assert.Equal("not_found", await (await (await app.Customer()).Delete($"{Uploading.Path}/{file.Id()}")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Delete($"{Uploading.Path}/{file.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(file.ContentOf())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await customer.Get($"{Uploading.Path}/{file.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await customer.Delete($"{Uploading.Path}/{file.Id()}")).StatusCode);
        await app.RunJobs();
        Assert.False(File.Exists(stored));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.files where id = {file.Id()}"));
    }

    [Fact]
    public async Task Staff_see_and_delete_everyones_files_and_strangers_nobodys()
    {
        var file = await (await app.Customer()).Uploaded(Samples.Png());
        var (staff, stranger) = (await app.Staff(), await app.Customer());

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Get($"{Uploading.Path}/{file.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Fetch(file.ContentOf())).StatusCode);
        await (await staff.Get($"{Uploading.Path}/{file.Id()}")).Body();
        await (await staff.Fetch(file.ContentOf())).Bytes();
        var tag = await staff.TagOf($"{Uploading.Path}/{file.Id()}");
        // What it is does not depend on when it is asked for.
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("precondition_failed", await (await staff.SendIf(HttpMethod.Delete, $"{Uploading.Path}/{file.Id()}", "\"old\"")).Refusal(HttpStatusCode.PreconditionFailed));
        Assert.Equal(HttpStatusCode.NoContent, (await staff.SendIf(HttpMethod.Delete, $"{Uploading.Path}/{file.Id()}", tag)).StatusCode);
        // What staff do to somebody's file is noted, under whose it is.
        Assert.Equal(file.GetProperty("ownerId").GetGuid(), await app.Scalar<Guid>($"select person_id from platform.audit_log where action = 'DeleteFile' and resource_id = {file.Id().ToString()}"));
    }

    [Fact]
    public async Task Nothing_is_left_where_uploads_pass_through()
    {
        var customer = await app.Customer();
        await customer.Uploaded(Samples.Png());
        await customer.Upload("not a file of ours"u8.ToArray());
        Assert.Empty(app.Spooled());
    }

    [Fact]
    public async Task The_document_says_what_a_form_holds_and_what_comes_out()
    {
        var contract = await DocumentedAnswers.ContractOf(app.Services);
        var form = contract.Resolve(contract.Find("POST", Uploading.Path)!.Json.GetProperty("requestBody").GetProperty("content").GetProperty("multipart/form-data").GetProperty("schema"));
        Assert.Equal("binary", form.GetProperty("properties").GetProperty("file").GetProperty("format").GetString());
        Assert.Equal("file", Assert.Single(form.GetProperty("required").EnumerateArray()).GetString());
        Assert.True(form.GetProperty("properties").TryGetProperty("visibility", out _));
        Assert.False(form.GetProperty("additionalProperties").GetBoolean());

        var content = contract.Find("GET", $"{Uploading.Path}/x/content")!.Json.GetProperty("responses");
        foreach (var status in (string[])["200", "206"])
            Assert.Equal(5, content.GetProperty(status).GetProperty("content").EnumerateObject().Count());
        Assert.True(content.GetProperty("302").GetProperty("headers").TryGetProperty("Location", out _));
        Assert.Equal(5, contract.Find("PUT", $"{Uploading.Path}/x/upload")!.Json.GetProperty("requestBody").GetProperty("content").EnumerateObject().Count());
    }

    /// <summary>Content that does not say beforehand how long it is, so that it is sent in chunks.</summary>
    private sealed class Unannounced : HttpContent
    {
        private readonly HttpContent _inner;

        public Unannounced(HttpContent inner)
        {
            _inner = inner;
            Headers.ContentType = inner.Headers.ContentType;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
