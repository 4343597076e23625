using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.OAuth;

/// <summary>A provider did not do its part. Nothing of what it was told or said is in the message.</summary>
/// <param name="word">What the front end is told: <see cref="Unavailable"/> or <see cref="Wrong"/>.</param>
/// <param name="message">What the log is told.</param>
internal sealed class ProviderFailedException(string word, string message) : Exception(message)
{
    /// <summary>It cannot be reached, or says that it cannot answer.</summary>
    public const string Unavailable = "provider_unavailable";

    /// <summary>It refused, or answered something that cannot be believed.</summary>
    public const string Wrong = "provider_error";

    public string Word { get; } = word;

    public static ProviderFailedException Of(string message) => new(Wrong, message);
}

/// <summary>Asks providers: in bounded time, for bounded answers, following no redirect.</summary>
internal sealed class Outside(IHttpClientFactory clients, IOptions<OAuthSettings> settings)
{
    public const string Client = "accounts.oauth";

    /// <summary>Bytes of an answer that are read at the most. Google's keys and document have about 4,000 together.</summary>
    public const int AnswerBytesAtMost = 256 * 1024;

    private const int DepthAtMost = 16;

    /// <summary>A JSON object.</summary>
    /// <exception cref="ProviderFailedException">There was none.</exception>
    public Task<JsonElement> Get(Uri address, string what, CancellationToken ct, Action<HttpRequestHeaders>? headers = null) => Ask(HttpMethod.Get, address, null, what, JsonValueKind.Object, headers, ct);

    /// <summary>A JSON array.</summary>
    /// <exception cref="ProviderFailedException">There was none.</exception>
    public Task<JsonElement> GetList(Uri address, string what, CancellationToken ct, Action<HttpRequestHeaders>? headers = null) => Ask(HttpMethod.Get, address, null, what, JsonValueKind.Array, headers, ct);

    /// <summary>A JSON object, for a form.</summary>
    /// <exception cref="ProviderFailedException">There was none.</exception>
    public Task<JsonElement> Post(Uri address, IReadOnlyDictionary<string, string> form, string what, CancellationToken ct, Action<HttpRequestHeaders>? headers = null) =>
        Ask(HttpMethod.Post, address, form, what, JsonValueKind.Object, headers, ct);

    private async Task<JsonElement> Ask(HttpMethod method, Uri address, IReadOnlyDictionary<string, string>? form, string what, JsonValueKind wanted, Action<HttpRequestHeaders>? headers, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(new("Quitanda", null));
        if (form is not null)
            request.Content = new FormUrlEncodedContent(form);
        headers?.Invoke(request.Headers);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.TimeoutSeconds));
        byte[] body;
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, limit.Token);
            var status = (int)response.StatusCode;
            if (status >= 500 || status == 429)
                throw new ProviderFailedException(ProviderFailedException.Unavailable, $"Its {what} answered {status}.");
            if (status != 200)
                throw ProviderFailedException.Of($"Its {what} answered {status}.");
            body = await response.Content.ReadAsByteArrayAsync(limit.Token);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw ProviderFailedException.Of($"Its {what} answered more than {AnswerBytesAtMost} bytes.");
        }
        catch (HttpRequestException error)
        {
            throw new ProviderFailedException(ProviderFailedException.Unavailable, $"Its {what} cannot be reached: {error.HttpRequestError}.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailedException.Unavailable, $"Its {what} did not answer within {settings.Value.TimeoutSeconds} s.");
        }

        return Json.Read(body, wanted, DepthAtMost) ?? throw ProviderFailedException.Of($"Its {what} answered no JSON {wanted.ToString().ToLowerInvariant()}.");
    }
}

/// <summary>Reads JSON that somebody else wrote: what is not as it should be is not there.</summary>
internal static class Json
{
    /// <summary>The value in some bytes, where it is one of this kind, names nothing twice, and is text that can be read.</summary>
    public static JsonElement? Read(ReadOnlySpan<byte> bytes, JsonValueKind wanted, int depth)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray(), new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == wanted ? document.RootElement.Clone() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A member that is text of 1 to <paramref name="atMost"/> characters, none of them for control; else null.</summary>
    public static string? Text(this JsonElement json, string name, int atMost = 4096)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString() is { Length: > 0 } text && text.Length <= atMost && !text.Any(char.IsControl) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which is no text.
            return null;
        }
    }

    /// <summary>A member that is a whole number.</summary>
    public static long? Number(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.TryGetInt64(out var whole) ? whole : value.TryGetDouble(out var real) && Math.Abs(real) < 1e15 ? (long)real : null : null;

    /// <summary>A member that is true, or the word for it, as some providers write it.</summary>
    public static bool IsTrue(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.ValueEquals("true"u8)));

    /// <summary>The texts in a member that is a list of such, or one text; empty where it is neither.</summary>
    public static string[] Texts(this JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return [];
        if (value.ValueKind == JsonValueKind.String)
            return json.Text(name) is { } one ? [one] : [];
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(TextOf)] : [];
    }

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
