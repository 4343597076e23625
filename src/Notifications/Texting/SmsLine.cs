using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Notifications.Deliveries;

namespace Quitanda.Notifications.Texting;

/// <summary>Hands text messages to Twilio, or to whoever speaks its API: a form to <c>Messages.json</c>, signed in by Basic (https://www.twilio.com/docs/messaging/api/message-resource).</summary>
internal sealed class SmsLine(IHttpClientFactory clients, IOptions<SmsSettings> settings)
{
    private const string Client = "notifications.sms";

    /// <summary>Bytes of an answer that are read at the most.</summary>
    private const int AnswerBytesAtMost = 64 * 1024;

    private const int LongestId = 100;

    /// <summary>Adds the HTTP client.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<SmsLine>()
        .AddHttpClient(Client, client => client.MaxResponseContentBufferSize = AnswerBytesAtMost)
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        .RemoveAllLoggers();

    /// <summary>Sends one. Twilio does not know doubles by a key; whoever does finds the delivery's id in <c>Idempotency-Key</c>.</summary>
    public async Task<Delivering.Outcome> Send(Guid id, string phone, string text, CancellationToken ct)
    {
        var sms = settings.Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{sms.Url.TrimEnd('/')}/2010-04-01/Accounts/{sms.AccountSid}/Messages.json")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["To"] = phone,
                [sms.From.StartsWith("MG", StringComparison.Ordinal) ? "MessagingServiceSid" : "From"] = sms.From,
                ["Body"] = text,
            }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{sms.AccountSid}:{sms.AuthToken}")));
        request.Headers.Add("Idempotency-Key", id.ToString());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(sms.TimeoutSeconds));
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, limit.Token);
            return Judge(response, await response.Content.ReadAsStringAsync(limit.Token), phone);
        }
        catch (HttpRequestException error)
        {
            return new Delivering.Outcome.Failed($"The provider cannot be reached: {error.HttpRequestError}.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new Delivering.Outcome.Failed($"The provider did not answer within {sms.TimeoutSeconds} s.");
        }
    }

    /// <summary>
    /// 400 is about this message: a number that is none (21211), that is not reached (21614) or that wants nothing more from us (21610). 401, 403 and 404 are about the account, which an operator mends; 429 and
    /// 5xx pass.
    /// </summary>
    private static Delivering.Outcome Judge(HttpResponseMessage response, string body, string phone)
    {
        var (code, message, sid) = Read(body);
        if (response.IsSuccessStatusCode)
            return new Delivering.Outcome.Sent(sid is { Length: > 0 and <= LongestId } ? sid : null);
        var said = $"{(int)response.StatusCode} {code} {message}".Replace(phone, "(phone)", StringComparison.Ordinal).Trim();
        return response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity
            ? new Delivering.Outcome.Refused(code == "21610" ? SkipReason.Unsubscribed : SkipReason.Refused, said)
            : new Delivering.Outcome.Failed(said, response.Headers.RetryAfter?.Delta);
    }

    private static (string Code, string Message, string? Sid) Read(string body)
    {
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(body);
            return json.ValueKind == JsonValueKind.Object ? (Member(json, "code"), Member(json, "message"), Member(json, "sid")) : ("", "", null);
        }
        catch (JsonException)
        {
            // Something in between answered; its status says enough.
            return ("", "", null);
        }
    }

    private static string Member(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : "";
}
