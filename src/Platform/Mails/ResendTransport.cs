using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform.Mails;

/// <summary>Hands mails to Resend, or to whoever speaks its API: <c>POST /emails</c> with an <c>Idempotency-Key</c> (https://resend.com/docs/api-reference/emails/send-email).</summary>
internal sealed class ResendTransport(IHttpClientFactory clients, IOptions<MailSettings> settings) : IMailTransport
{
    public const string Client = "mail.resend";

    /// <summary>Bytes of an answer that are read at the most.</summary>
    public const int AnswerBytesAtMost = 64 * 1024;

    public async Task Send(OutgoingMail mail, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Value.ResendUrl.TrimEnd('/') + "/emails")
        {
            Content = JsonContent.Create(Body(mail), options: JsonSerializerOptions.Web),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Value.ResendKey);
        request.Headers.Add("Idempotency-Key", $"mail-{mail.Id:N}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.TimeoutSeconds));
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode)
                await Judge(response, mail, limit.Token);
        }
        catch (HttpRequestException error)
        {
            throw new MailNotTakenException($"Resend cannot be reached: {error.Message}");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new MailNotTakenException($"Resend did not answer within {settings.Value.TimeoutSeconds} s.");
        }
    }

    private Dictionary<string, object> Body(OutgoingMail mail)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Entity-Ref-ID"] = mail.Id.ToString("N"),
            ["Auto-Submitted"] = "auto-generated",
            ["Content-Language"] = mail.Locale,
        };
        foreach (var (name, value) in Headers.OfExit(mail.Exit))
            headers[name] = value;
        Dictionary<string, object> body = new(StringComparer.Ordinal)
        {
            ["from"] = Written(mail.From),
            ["to"] = new[] { Written(mail.To) },
            ["subject"] = mail.Subject,
            ["text"] = mail.Text,
            ["html"] = mail.Html,
            ["headers"] = headers,
        };
        if (settings.Value.ReplyTo.Length > 0)
            body["reply_to"] = settings.Value.ReplyTo;
        return body;
    }

    /// <summary>
    /// 400 and 422 are about this mail. 401, 403 and 404 are about the key, the domain or the address of the API, which an operator mends; 429 and 5xx pass.
    /// 409 says that our key has been used: with another body, as when somebody changed their name since, the mail had been taken before.
    /// </summary>
    private static async Task Judge(HttpResponseMessage response, OutgoingMail mail, CancellationToken ct)
    {
        var (name, message) = Error(await response.Content.ReadAsStringAsync(ct));
        if (response.StatusCode == HttpStatusCode.Conflict && name == "invalid_idempotent_request")
            return;
        var said = $"Resend did not take the mail ({(int)response.StatusCode} {name}): {message}".Replace(mail.To.Address, "(address)", StringComparison.OrdinalIgnoreCase);
        throw response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity ? new PermanentFailureException(said) : new MailNotTakenException(said);
    }

    private static (string Name, string Message) Error(string body)
    {
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(body);
            return json.ValueKind == JsonValueKind.Object ? (Member("name"), Member("message")) : ("", "");

            string Member(string member) => json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        }
        catch (JsonException)
        {
            // Something in between answered; its status says enough.
            return ("", "");
        }
    }

    /// <summary>Name and address, the name quoted (RFC 5322, 3.2.4), so that it can end neither itself nor the address.</summary>
    private static string Written(Addressee who) =>
        who.Name.Length == 0 ? who.Address : $"\"{who.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{who.Address}>";
}

/// <summary>Nobody carries mails here. A mail that waits was queued by a process, or at a time, with a configuration.</summary>
internal sealed class NoTransport : IMailTransport
{
    public Task Send(OutgoingMail mail, CancellationToken ct) => throw new MailNotTakenException("This process has no mail configured.");
}
