using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Files;

/// <summary>How the tests of files send one and fetch it again.</summary>
internal static class Uploading
{
    public const string Path = "/api/v1/files";

    /// <summary>Sends a file by a form, as a browser does.</summary>
    public static Task<HttpResponseMessage> Upload(
        this HttpClient client, byte[] bytes, string? visibility = null, string? name = "foto.png", string? key = null, string contentType = "application/octet-stream") =>
        client.SendForm(Form(bytes, visibility, name, contentType), key);

    /// <summary>Sends a file that must be taken, and gives the resource.</summary>
    public static async Task<JsonElement> Uploaded(this HttpClient client, byte[] bytes, string? visibility = null, string? name = "foto.png") =>
        await (await client.Upload(bytes, visibility, name)).Body(HttpStatusCode.Created);

    public static Task<HttpResponseMessage> SendForm(this HttpClient client, HttpContent form, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = form };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static MultipartFormDataContent Form(byte[] bytes, string? visibility = null, string? name = "foto.png", string contentType = "application/octet-stream")
    {
        var form = new MultipartFormDataContent();
        var file = new ByteArrayContent(bytes);
        file.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (name is null)
            form.Add(file, "file");
        else
            form.Add(file, "file", name);
        if (visibility is not null)
            form.Add(new StringContent(visibility), "visibility");
        return form;
    }

    /// <summary>A form written by hand, for what no client would send.</summary>
    public static HttpContent Raw(string contentType, params byte[][] pieces)
    {
        var content = new ByteArrayContent([.. pieces.SelectMany(piece => piece)]);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    public static byte[] Part(string boundary, string disposition, byte[] content, string more = "") =>
        [.. System.Text.Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: {disposition}\r\n{more}\r\n"), .. content, .. "\r\n"u8];

    public static byte[] End(string boundary) => System.Text.Encoding.ASCII.GetBytes($"--{boundary}--\r\n");

    /// <summary>Fetches bytes, or a range of them.</summary>
    public static Task<HttpResponseMessage> Fetch(this HttpClient client, string url, Action<HttpRequestMessage>? with = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, url);
        with?.Invoke(request);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<byte[]> Bytes(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A signed link to a file.</summary>
    public static async Task<string> LinkTo(this HttpClient client, JsonElement file) => (await (await client.Post($"{Path}/{file.Id()}/link")).Body()).Text("url");

    public static string ContentOf(this JsonElement file) => $"{Path}/{file.Id()}/content";

    /// <summary>Every object in the folder of an application, finished or not.</summary>
    public static string[] Objects(this QuitandaApp app) => Everything(System.IO.Path.Combine(app.Folder, "objects"));

    /// <summary>
    /// Ends when the folder holds one object more than <paramref name="before"/>. What comes second is taken back once its answer is out, which may be a
    /// moment after it has arrived; and what other tests have left behind may go meanwhile.
    /// </summary>
    public static Task UntilOneMore(this QuitandaApp app, string[] before) =>
        Eventually.Happens(() => app.Objects().Except(before, StringComparer.Ordinal).Count() == 1, "That one object is left");

    /// <summary>What lies in the folder of uploads on their way.</summary>
    public static string[] Spooled(this QuitandaApp app) => Everything(System.IO.Path.Combine(app.Folder, "spool"));

    /// <summary>Every row and every object, to look later whether there are new ones. What other tests have left behind may go meanwhile, so counting them tells nothing.</summary>
    public static async Task<string[]> Kept(this QuitandaApp app) => [.. app.Objects(), .. (await app.Scalar<string[]>($"select coalesce(array_agg(id::text), '{{}}') from files.files"))!];

    /// <summary>Holds if nothing was kept since <paramref name="before"/>.</summary>
    public static async Task NothingNew(this QuitandaApp app, string[] before) => Assert.Empty((await app.Kept()).Except(before, StringComparer.Ordinal));

    private static string[] Everything(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
}
