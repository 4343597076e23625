using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>What came of an attempt.</summary>
/// <param name="At">When it began.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="StatusCode">What was answered; null where nothing was.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
/// <param name="Answer">How the answer begins.</param>
internal sealed record AttemptOutcome(DateTimeOffset At, int DurationMs, int? StatusCode, DeliveryError? Error, string? Answer);

/// <summary>
/// Sends webhooks to addresses that people name: in bounded time, reading a bounded piece of what is answered, following nothing, and to nowhere inside (<see cref="OutsideHttp"/>).
/// </summary>
internal sealed partial class WebhookLine(IHttpClientFactory clients, OutsideHttp outside, IOptions<WebhookSettings> settings, TimeProvider clock, ILogger<WebhookLine> log)
{
    private const string Client = "notifications.webhooks";

    /// <summary>Characters of an answer that are kept.</summary>
    public const int AnswerAtMost = 500;

    /// <summary>Bytes of an answer that are read: what is longer costs its sender the connection.</summary>
    private const int BytesAtMost = 2048;

    /// <summary>How long the rest of an answer is waited for whose status is known.</summary>
    private static readonly TimeSpan BodyLimit = TimeSpan.FromSeconds(1);

    /// <summary>Adds the HTTP client.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<WebhookLine>().AddOutsideClient(Client);

    /// <summary>Sends a body once.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="id">The event's: the same at every attempt.</param>
    /// <param name="body">What is sent and signed.</param>
    /// <param name="secrets">What it is signed with.</param>
    /// <param name="ct">Gives up; what is not known then is not an outcome.</param>
    public async Task<AttemptOutcome> Send(string url, Guid id, byte[] body, IReadOnlyList<byte[]> secrets, CancellationToken ct)
    {
        var (at, began) = (clock.GetUtcNow(), Stopwatch.GetTimestamp());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.TimeoutSeconds));
        try
        {
            var address = new Uri(url);
            if (!outside.Allows(address))
                return Failed(DeliveryError.NotAllowed);
            using var client = clients.CreateClient(Client);
            using var request = Request(address, id, at.ToUnixTimeSeconds(), body, secrets);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            // Three digits are all that the framework asks of a status.
            if (status is < 100 or > 999)
                return Failed(DeliveryError.BadAnswer);
            var answer = await Beginning(response.Content, limit.Token);
            ct.ThrowIfCancellationRequested();
            return new(at, Took(), status, ErrorOf(status), answer);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Failed(DeliveryError.Timeout);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return Failed(ErrorOf(error));
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // Else it would fail with its job, and nobody would be told. The message may hold the address, which may be its owner's secret.
            NotPlanned(log, error.GetType().Name, error.StackTrace);
            return Failed(ErrorOf(error));
        }

        int Took() => (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds;

        AttemptOutcome Failed(DeliveryError error) => new(at, Took(), StatusCode: null, error, Answer: null);
    }

    private static HttpRequestMessage Request(Uri address, Guid id, long timestamp, byte[] body, IReadOnlyList<byte[]> secrets)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.UserAgent.Add(new("Quitanda", null));
        request.Headers.Add("webhook-id", id.ToString());
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Signature.Of(secrets, id.ToString(), timestamp, body));
        return request;
    }

    /// <summary>How an answer begins. Its status is what counts: a body that does not come is none.</summary>
    private static async Task<string?> Beginning(HttpContent content, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(BodyLimit);
        var buffer = new byte[BytesAtMost];
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(limit.Token);
            for (int read; length < buffer.Length && (read = await stream.ReadAsync(buffer.AsMemory(length), limit.Token)) > 0;)
                length += read;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            // What has come is what there is.
        }

        return length == 0 ? null : Clean(Encoding.UTF8.GetString(buffer, 0, length));
    }

    /// <summary>Text that can be kept and shown: no control characters, no half of a pair.</summary>
    private static string? Clean(string text)
    {
        var kept = new StringBuilder(AnswerAtMost);
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > AnswerAtMost)
                break;
            kept.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return kept.ToString().Trim() is { Length: > 0 } clean ? clean : null;
    }

    private static DeliveryError? ErrorOf(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => DeliveryError.Redirect,
        410 => DeliveryError.Gone,
        _ => DeliveryError.Status,
    };

    private static DeliveryError ErrorOf(Exception error)
    {
        if (InsideAddressException.Caused(error))
            return DeliveryError.NotAllowed;
        if (error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException })
            return DeliveryError.Tls;
        return error is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.HttpProtocolError }
            ? DeliveryError.BadAnswer
            : DeliveryError.Unreachable;
    }

    [LoggerMessage(91, LogLevel.Warning, "A webhook could not be sent, in a way that nobody planned: {Error} {Where}")]
    private static partial void NotPlanned(ILogger log, string error, string? where);
}
