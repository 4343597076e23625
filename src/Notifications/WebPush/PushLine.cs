using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Quitanda.Notifications.Deliveries;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>
/// Hands messages for browsers to their push services (RFC 8030). Where those are, browsers say, and so anybody can: they are called as all that people name, and none of what they answer is read.
/// </summary>
internal sealed class PushLine(IHttpClientFactory clients, VapidKeys keys, OutsideHttp outside, IOptions<WebPushSettings> settings, TimeProvider clock)
{
    public const string Client = "notifications.push";

    /// <summary>Characters of a notice's text that go along; the rest is read in the client.</summary>
    private const int LongestBody = 500;

    /// <summary>What a browser is told. It shows one message for a notice, however often it comes: its page takes <c>id</c> for the tag.</summary>
    internal sealed record Told(Guid Id, string Kind, string Title, string Body, IReadOnlyDictionary<string, string> Data);

    /// <summary>Sends one. Until the browser has it, another of the same notice takes its place: <c>Topic</c> says which notice it is.</summary>
    public async Task<Delivering.Outcome> Send(Delivering.Due due, PushSubscriptions.Target to, CancellationToken ct)
    {
        var endpoint = new Uri(to.Endpoint);
        if (!outside.Allows(endpoint))
            return new Delivering.Outcome.Refused(SkipReason.Refused, "It lies where nobody is called.");
        var body = due.Notice.Body.Length > LongestBody ? due.Notice.Body[..LongestBody] : due.Notice.Body;
        var plain = JsonSerializer.SerializeToUtf8Bytes(new Told(due.NoticeId, due.Kind.Name, due.Notice.Title, body, due.Notice.Data), Wire.Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(PushCipher.Encrypt(plain, to.Key, to.Auth)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentEncoding.Add("aes128gcm");
        request.Headers.TryAddWithoutValidation("Authorization", await keys.Authorize(endpoint, ct));
        // What is of no use by then is not kept for a browser that is not there.
        var keptFor = Math.Min(TimeSpan.FromHours(settings.Value.KeepHours).TotalSeconds, Math.Max(0, (due.GoodUntil - clock.GetUtcNow()).TotalSeconds));
        request.Headers.Add("TTL", ((int)keptFor).ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Urgency", due.Kind.IsUrgent ? "high" : "normal");
        request.Headers.Add("Topic", Base64Url.EncodeToString(due.NoticeId.ToByteArray(bigEndian: true)));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.TimeoutSeconds));
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Judge(response);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return InsideAddressException.Caused(error)
                ? new Delivering.Outcome.Refused(SkipReason.Refused, "It lies where nobody is called.")
                : new Delivering.Outcome.Failed("The push service cannot be reached.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new Delivering.Outcome.Failed($"The push service did not answer within {settings.Value.TimeoutSeconds} s.");
        }
    }

    /// <summary>404 and 410 say that nobody listens there any more (RFC 8030, 7.3); 408, 429 and 5xx pass; all else is about this message or about us, and stays.</summary>
    private static Delivering.Outcome Judge(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => new Delivering.Outcome.Sent(ProviderId: null),
        404 or 410 => new Delivering.Outcome.Refused(SkipReason.Unsubscribed, $"{(int)response.StatusCode}"),
        408 or 429 or >= 500 => new Delivering.Outcome.Failed($"{(int)response.StatusCode}", response.Headers.RetryAfter?.Delta),
        var status => new Delivering.Outcome.Refused(SkipReason.Refused, status.ToString(CultureInfo.InvariantCulture)),
    };
}
