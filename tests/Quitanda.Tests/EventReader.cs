using System.Net;
using System.Text;
using System.Text.Json;

namespace Quitanda.Tests;

/// <summary>Something that came out of an event stream: an event, or a comment.</summary>
internal sealed record Heard(long Id, string Event, string Data, bool IsComment)
{
    public string? Status => JsonDocument.Parse(Data).RootElement.GetProperty("status").GetString();
}

/// <summary>Reads server-sent events off an answer as they come, as the HTML standard says (section 9.2.6).</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, Stream body) => (Response, _lines) = (response, new(body, Encoding.UTF8));

    public HttpResponseMessage Response { get; }

    /// <summary>What the server said about coming again.</summary>
    public string? Retry { get; private set; }

    /// <summary>Opens a stream, which must be one.</summary>
    public static async Task<EventReader> Open(HttpClient client, string path, long? lastEventId = null) =>
        await OpenUnlessOver(client, path, lastEventId) ?? throw new Xunit.Sdk.XunitException("The stream is over.");

    /// <summary>Opens a stream; null where the server says that nothing more will come.</summary>
    public static async Task<EventReader?> OpenUnlessOver(HttpClient client, string path, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", $"{lastEventId}");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
            return null;
        if (response.StatusCode != HttpStatusCode.OK)
            throw new Xunit.Sdk.XunitException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event or comment; null where the stream has ended.</summary>
    public async Task<Heard?> NextOfAny()
    {
        var (id, name, data, isComment) = (0L, "", "", false);
        while (await _lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Length == 0 && (name.Length > 0 || isComment))
                return new(id, name, data, isComment);
            var (field, value) = line.Split(':', 2) is [var one, var two] ? (one, two.TrimStart(' ')) : (line, "");
            switch (field)
            {
                case "" when line.StartsWith(':'): isComment = true; break;
                case "id": id = long.Parse(value, System.Globalization.CultureInfo.InvariantCulture); break;
                case "event": name = value; break;
                case "data": data = value; break;
                case "retry": Retry = value; break;
                case "": break;
                default: throw new Xunit.Sdk.XunitException($"This is no line of an event stream: {line}");
            }
        }

        return null;
    }

    /// <summary>The next event; null where the stream has ended.</summary>
    public async Task<Heard?> Next()
    {
        while (await NextOfAny() is { } heard)
            if (!heard.IsComment)
                return heard;
        return null;
    }

    /// <summary>Everything until the stream ends.</summary>
    public async Task<List<Heard>> Rest()
    {
        List<Heard> all = [];
        while (await Next() is { } heard)
            all.Add(heard);
        return all;
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        Response.Dispose();
        return ValueTask.CompletedTask;
    }
}
