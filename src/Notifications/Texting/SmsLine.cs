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

    /// <summary>
    /// What Twilio says of a number or of a text, and would say again (https://www.twilio.com/docs/api/errors): a number that is none (21211, 21214, 21217), that is not reached (21612, 21614, 21635), is short (21265), or wants
    /// nothing more from us (21610); a text that is empty (21602) or too long (21617).
    /// </summary>
    private static readonly HashSet<string> AboutTheMessage = new(["21211", "21214", "21217", "21265", "21602", "21610", "21612", "21614", "21617", "21635"], StringComparer.Ordinal);

    /// <summary>Adds the HTTP client.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<SmsLine>()
        .AddHttpClient(Client)
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
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Judge(response, await Answer(response, limit.Token), phone);
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

    /// <summary>What the provider says, up to a length; nothing where that cannot be read. Once it has said by its status that it took the message on, no more of it is needed: asked again, it would send it again.</summary>
    private static async Task<JsonElement> Answer(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(AnswerBytesAtMost, ct);
            return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsByteArrayAsync(ct));
        }
        catch (Exception error) when (error is JsonException or HttpRequestException or IOException || (error is OperationCanceledException && response.IsSuccessStatusCode))
        {
            // Something in between answered; its status says enough.
            return default;
        }
    }

    /// <summary>
    /// What is about this message is final (<see cref="AboutTheMessage"/>). Everything else is about us, which an operator mends, such as a sender that is none (400), a wrong token (401) or account (404); or it passes (429,
    /// 5xx).
    /// </summary>
    private static Delivering.Outcome Judge(HttpResponseMessage response, JsonElement answer, string phone)
    {
        if (response.IsSuccessStatusCode)
            return new Delivering.Outcome.Sent(Member(answer, "sid") is { Length: > 0 and <= LongestId } sid ? sid : null);
        var code = Member(answer, "code");
        var said = $"{(int)response.StatusCode} {code} {Member(answer, "message")}".Replace(phone, "(phone)", StringComparison.Ordinal).Trim();
        return response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity && AboutTheMessage.Contains(code)
            ? new Delivering.Outcome.Refused(code == "21610" ? SkipReason.Unsubscribed : SkipReason.Refused, said)
            : new Delivering.Outcome.Failed(said, response.Headers.RetryAfter?.Delta);
    }

    private static string Member(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : "";
}
