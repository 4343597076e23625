using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class CompressionTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Accept = "Accept-Encoding";
    private static readonly string Long = string.Join(' ', Enumerable.Range(0, 2000));

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("X-GZIP", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1.0, br;q=0.8", "gzip")]
    [InlineData("br;q=0, gzip;q=0.001", "gzip")]
    [InlineData("gzip;q=0", "")]
    [InlineData("*", "br")]
    [InlineData("*;q=0.5, br;q=0", "gzip")]
    [InlineData("*;q=0", "")]
    [InlineData("identity", "")]
    [InlineData("identity;q=0, gzip;q=0.1", "gzip")]
    [InlineData("identity;q=0", "")]
    [InlineData("identity;q=1, gzip;q=0.5", "")]
    [InlineData("identity;q=0.5, gzip;q=0.5", "gzip")]
    [InlineData("deflate, zstd", "")]
    [InlineData("", "")]
    [InlineData(" , ,gzip ;q=0.3 , ", "gzip")]
    [InlineData("br;q=2, gzip", "gzip")]
    [InlineData("br;q=0.1234, gzip;q=x", "")]
    [InlineData("br;q=1.001", "")]
    public async Task What_a_client_accepts_is_what_it_gets_from_memory_and_otherwise(string accepted, string coding)
    {
        await Shown("table");
        foreach (var answer in (HttpResponseMessage[])[await Shown("table", Accept, accepted), await Made(TypedResults.Text(Long), Accept, accepted)])
        {
            Assert.Equal(coding, string.Join(',', answer.Content.Headers.ContentEncoding));
            Assert.Contains("1998 1999", await Decoded(answer), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_kept_answer_has_one_form_a_coding_each_with_an_ETag_of_its_own_and_counts_what_it_keeps()
    {
        var cache = app.Services.GetRequiredService<ResponseCache>();
        var plain = await Shown("forms");
        var bytes = cache.Bytes;
        var brotli = await Shown("forms", Accept, "br");
        var withBrotli = cache.Bytes;
        var gzip = await Shown("forms", Accept, "gzip");
        var all = cache.Bytes;
        var shows = app.Scripts.Shows;

        Assert.Equal((await brotli.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length, withBrotli - bytes);
        Assert.Equal((await gzip.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length, all - withBrotli);
        HttpResponseMessage[] forms = [plain, brotli, gzip];
        Assert.Distinct(forms.Select(form => form.Headers.ETag!.Tag), StringComparer.Ordinal);
        Assert.All(forms, form => Assert.False(form.Headers.ETag!.IsWeak));
        Assert.All(forms, form => Assert.Equal("Accept-Encoding", Assert.Single(form.Headers.Vary)));
        Assert.All(forms, form => Assert.Equal(form.Content.Headers.ContentLength, form.Content.ReadAsStream(TestContext.Current.CancellationToken).Length));
        Assert.Single((await Task.WhenAll(forms.Select(Decoded))).Distinct(StringComparer.Ordinal));

        foreach (var (form, accepted) in ((HttpResponseMessage, string)[])[(plain, "identity"), (brotli, "br"), (gzip, "gzip")])
        {
            var known = await Shown("forms", Accept, accepted, "If-None-Match", form.Headers.ETag!.Tag);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal(form.Headers.ETag, known.Headers.ETag);
            Assert.Equal("Accept-Encoding", Assert.Single(known.Headers.Vary));
            Assert.Empty(await known.Text());
            var other = await Shown("forms", Accept, accepted, "If-None-Match", forms.First(one => one != form).Headers.ETag!.Tag);
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);

            var head = await app.Guest.Send(HttpMethod.Head, "/api/v1/probe/shown/forms", Accept, accepted);
            Assert.Equal(form.Headers.ETag, head.Headers.ETag);
            Assert.Equal(form.Content.Headers.ContentEncoding, head.Content.Headers.ContentEncoding);
            Assert.Empty(await head.Text());
        }

        Assert.Equal(all, cache.Bytes);
        Assert.Equal(shows, app.Scripts.Shows);
        await app.WithDb(db =>
        {
            db.Evict("thing:forms");
            return Task.FromResult(true);
        });
        Assert.True(cache.Bytes < bytes);
    }

    [Fact]
    public async Task The_first_guest_of_all_gets_it_compressed_as_well()
    {
        var answer = await Shown("first", Accept, "br");
        Assert.Equal("br", Assert.Single(answer.Content.Headers.ContentEncoding));
        Assert.Equal(answer.Headers.ETag, (await Shown("first", Accept, "br")).Headers.ETag);
    }

    [Fact]
    public async Task Short_answers_are_sent_as_they_are_with_their_length()
    {
        foreach (var answer in (HttpResponseMessage[])[
            await Made(TypedResults.Ok(new Echo<string>("short")), Accept, "br"), await Made(TypedResults.Text(new string('a', 1023)), Accept, "br"),
            await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/rows?limit=0", Accept, "gzip")])
        {
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.Equal((await answer.Text()).Length, answer.Content.Headers.ContentLength);
        }

        app.Scripts.Showing = (name, _) => Task.FromResult<string?>(name);
        var kept = await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/shown/brief", Accept, "br");
        Assert.Empty(kept.Content.Headers.ContentEncoding);
        Assert.Empty(kept.Headers.Vary);
        Assert.Equal("br", Assert.Single((await Made(TypedResults.Text(new string('a', 1024)), Accept, "br")).Content.Headers.ContentEncoding));
    }

    [Fact]
    public async Task JSON_of_unknown_length_problems_and_text_are_compressed_and_nothing_else()
    {
        foreach (var text in (IResult[])[
            TypedResults.Ok(new Echo<string>(Long)), Problem.Of(409, "conflict", Long), TypedResults.Text(Long, "text/csv"), TypedResults.Text(Long, "application/xml"),
            TypedResults.Stream(stream => stream.WriteAsync(Encoding.UTF8.GetBytes(Long)).AsTask(), "application/json")])
        {
            var answer = await Made(text, Accept, "gzip");
            Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
            Assert.Equal("Accept-Encoding", Assert.Single(answer.Headers.Vary));
            Assert.Contains("1998 1999", await Decoded(answer), StringComparison.Ordinal);
        }

        foreach (var other in (IResult[])[
            TypedResults.Text(Long, "text/event-stream"), TypedResults.Bytes(Encoding.UTF8.GetBytes(Long), "image/png"), TypedResults.Bytes(Encoding.UTF8.GetBytes(Long), "application/pdf"),
            TypedResults.Bytes(Encoding.UTF8.GetBytes(Long), "text/plain", enableRangeProcessing: true)])
        {
            var answer = await Made(other, Accept, "gzip", "Range", "bytes=0-4999");
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.StartsWith("0 1 2 3", await answer.Text(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_event_goes_out_when_it_happens()
    {
        var (sent, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var name = NewScript(TypedResults.Stream(async stream =>
        {
            await stream.WriteAsync("data: first\n\n"u8.ToArray());
            await stream.FlushAsync();
            sent.SetResult();
            await gate.Task;
        }, "text/event-stream"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/probe/do/{name}");
        request.Headers.TryAddWithoutValidation(Accept, "br");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Eventually.Patience);
        using var ends = patience.Token.Register(() => gate.TrySetResult());
        using var answer = await app.Guest.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        await sent.Task;
        var buffer = new byte[100];
        var read = await (await answer.Content.ReadAsStreamAsync(patience.Token)).ReadAsync(buffer, patience.Token);
        gate.TrySetResult();
        Assert.Equal("data: first\n\n", Encoding.UTF8.GetString(buffer, 0, read));
    }

    [Fact]
    public async Task A_secret_is_never_compressed()
    {
        var name = NewScript(TypedResults.Text(Long));
        var secret = await app.Guest.Post($"/api/v1/probe/secret/{name}", new { }, Accept, "br");
        Assert.Empty(secret.Content.Headers.ContentEncoding);
        var open = await app.Guest.Post($"/api/v1/probe/do/{name}", new { }, Accept, "br");
        Assert.Equal("br", Assert.Single(open.Content.Headers.ContentEncoding));
        var replayed = await app.Guest.Post($"/api/v1/probe/do/{name}", new { }, Accept, "br", "Idempotency-Key", name);
        var again = await app.Guest.Post($"/api/v1/probe/do/{name}", new { }, Accept, "gzip", "Idempotency-Key", name);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal("gzip", Assert.Single(again.Content.Headers.ContentEncoding));
        Assert.Equal(await Decoded(replayed), await Decoded(again));
    }

    [Fact]
    public async Task A_strong_ETag_tells_the_codings_apart_and_is_known_again_when_it_comes_back()
    {
        string? matched = null;
        app.Scripts.Doing["tagged"] = doing =>
        {
            matched = $"{doing.Http.Request.Headers.IfMatch}{doing.Http.Request.Headers.IfNoneMatch}";
            doing.Http.Response.Headers.ETag = "\"v1\"";
            return Task.FromResult<IResult>(doing.Http.Request.Headers.IfNoneMatch == "\"v1\"" ? TypedResults.StatusCode(304) : TypedResults.Text(Long));
        };
        Assert.Equal("\"v1\"", (await Get("tagged")).Headers.ETag!.Tag);
        var brotli = await Get("tagged", Accept, "br");
        Assert.Equal("\"v1-br\"", brotli.Headers.ETag!.Tag);
        Assert.Equal("\"v1-gzip\"", (await Get("tagged", Accept, "gzip")).Headers.ETag!.Tag);

        var known = await Get("tagged", Accept, "br", "If-None-Match", "\"v1-br\"");
        Assert.Equal((HttpStatusCode.NotModified, "\"v1-br\""), (known.StatusCode, known.Headers.ETag!.Tag));
        // Another form is not the one that this client would get now.
        Assert.Equal(HttpStatusCode.OK, (await Get("tagged", Accept, "gzip", "If-None-Match", "\"v1-br\"")).StatusCode);
        foreach (var mine in (string[])["\"v1-br\"", "\"v1-gzip\"", "\"v1\""])
        {
            await app.Guest.Post("/api/v1/probe/do/tagged", new { }, "If-Match", mine);
            Assert.Equal("\"v1\"", matched);
        }

        app.Scripts.Doing["weak"] = doing =>
        {
            doing.Http.Response.Headers.ETag = "W/\"v1\"";
            return Task.FromResult<IResult>(TypedResults.Text(Long));
        };
        Assert.Equal("W/\"v1\"", (await Get("weak", Accept, "br")).Headers.ETag!.ToString());
    }

    [Fact]
    public async Task What_fails_after_it_has_begun_to_write_is_a_problem_and_not_half_an_answer()
    {
        app.Scripts.Doing["half"] = _ => Task.FromResult<IResult>(TypedResults.Stream(async stream =>
        {
            await stream.WriteAsync("{\"half\":"u8.ToArray());
            throw new InvalidOperationException("half");
        }, "application/json"));
        await (await Get("half", Accept, "br")).Problem(500, "internal_error");
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        await using var off = await app.StartAnother(builder => builder.Configuration["Compression:Enabled"] = "false");
        app.Scripts.Showing = (_, _) => Task.FromResult<string?>(Long);
        var name = NewScript(TypedResults.Text(Long));
        foreach (var path in (string[])[$"/api/v1/probe/do/{name}", "/api/v1/probe/shown/off", "/openapi/v1.json"])
        {
            var answer = await off.GetTestServer().CreateClient().Send(HttpMethod.Get, path, Accept, "br");
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.Empty(answer.Headers.Vary);
            Assert.Equal("br", Assert.Single((await app.Guest.Send(HttpMethod.Get, path, Accept, "br")).Content.Headers.ContentEncoding));
        }
    }

    private async Task<HttpResponseMessage> Shown(string name, params string[] headers)
    {
        app.Scripts.Showing = (_, _) => Task.FromResult<string?>(Long);
        return await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/shown/{name}", headers);
    }

    private Task<HttpResponseMessage> Made(IResult result, params string[] headers) => Get(NewScript(result), headers);

    private Task<HttpResponseMessage> Get(string name, params string[] headers) => app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/do/{name}", headers);

    private string NewScript(IResult result)
    {
        var name = $"made-{Guid.CreateVersion7()}";
        app.Scripts.Doing[name] = _ => Task.FromResult(result);
        return name;
    }

    private static async Task<string> Decoded(HttpResponseMessage answer)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(DocumentedAnswers.Decoded(bytes, answer.Content.Headers.ContentEncoding.SingleOrDefault()));
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
