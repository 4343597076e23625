using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform.Errors;

/// <summary>
/// Reports errors to a server that speaks Sentry's protocol, as an envelope with one event, where a DSN is set. At most so many a minute, never
/// in a request's way, and never again what could not be sent: the errors themselves are kept in the database.
/// </summary>
internal sealed partial class SentryReports(IOptions<TelemetrySettings> settings, HouseMeter meter, TimeProvider clock, ILogger<SentryReports> log) : BackgroundService
{
    private const int WaitingAtMost = 100;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseAtMost = TimeSpan.FromHours(1);

    private readonly SentryAddress? _address = settings.Value.SentryDsn.Length > 0 ? SentryAddress.Parse(settings.Value.SentryDsn) : null;
    private readonly Channel<Report> _waiting = Channel.CreateBounded<Report>(new BoundedChannelOptions(WaitingAtMost) { SingleReader = true });
    private DateTimeOffset _minute;
    private DateTimeOffset _notBefore;
    private int _thisMinute;

    /// <summary>Reports an error if there is room for it. Called by one at a time.</summary>
    public void Offer(CapturedError error)
    {
        if (_address is null)
            return;
        var now = clock.GetUtcNow();
        if (now - _minute >= TimeSpan.FromMinutes(1))
            (_minute, _thisMinute) = (now, 0);
        if (now < _notBefore || _thisMinute >= settings.Value.SentryPerMinute || !_waiting.Writer.TryWrite(Describe(error)))
        {
            meter.Reported("skipped");
            return;
        }

        _thisMinute++;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_address is null)
            return;
        // The only client that needs none of the factory's making: one address, one caller.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        try
        {
            await foreach (var report in _waiting.Reader.ReadAllAsync(stoppingToken))
                await Send(client, report, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What still waits is kept in the database.
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever keeps a report from being sent, the next one is another try.")]
    private async Task Send(HttpMessageInvoker client, Report report, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.SentryTimeoutSeconds));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _address!.Envelopes) { Content = new ByteArrayContent(report.Envelope) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-sentry-envelope");
            request.Headers.TryAddWithoutValidation("X-Sentry-Auth", $"Sentry sentry_version=7, sentry_client=quitanda/{Health.Version}, sentry_key={_address.Key}");
            using var response = await client.SendAsync(request, limit.Token);
            if (PauseAskedFor(response) is { } pause)
                _notBefore = clock.GetUtcNow() + pause;
            meter.Reported(response.IsSuccessStatusCode ? "sent" : "refused");
            if (!response.IsSuccessStatusCode)
                NotTaken(log, (int)response.StatusCode);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            _notBefore = clock.GetUtcNow() + PauseAfterFailure;
            meter.Reported("failed");
            NotSent(log, error.GetType().Name);
        }
    }

    /// <summary>How long to be quiet: <c>X-Sentry-Rate-Limits</c> says it by category (<c>60:error;default:organization</c>), <c>Retry-After</c> for all.</summary>
    private TimeSpan? PauseAskedFor(HttpResponseMessage response)
    {
        double? seconds = null;
        if (response.Headers.TryGetValues("X-Sentry-Rate-Limits", out var limits))
            foreach (var limit in limits.SelectMany(line => line.Split(',')).Select(limit => limit.Trim().Split(':')))
                if (double.TryParse(limit[0], CultureInfo.InvariantCulture, out var asked) && (limit.Length < 2 || limit[1].Length == 0 || limit[1].Split(';').Contains("error", StringComparer.Ordinal)))
                    seconds = Math.Max(seconds ?? 0, asked);
        if (seconds is null && response.StatusCode == HttpStatusCode.TooManyRequests)
            seconds = response.Headers.RetryAfter is { } after ? after.Delta?.TotalSeconds ?? (after.Date - clock.GetUtcNow())?.TotalSeconds ?? 60 : 60;
        return seconds is { } known ? TimeSpan.FromSeconds(Math.Clamp(known, 0, PauseAtMost.TotalSeconds)) : null;
    }

    private Report Describe(CapturedError error)
    {
        var id = Guid.CreateVersion7().ToString("N");
        var payload = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(payload))
            Event(json, id, error);

        var envelope = new ArrayBufferWriter<byte>(payload.WrittenCount + 300);
        using (var json = new Utf8JsonWriter(envelope))
        {
            json.WriteStartObject();
            json.WriteString("event_id", id);
            json.WriteString("sent_at", clock.GetUtcNow().UtcDateTime);
            json.WriteEndObject();
        }

        envelope.Write("\n"u8);
        using (var json = new Utf8JsonWriter(envelope))
        {
            json.WriteStartObject();
            json.WriteString("type", "event");
            json.WriteNumber("length", payload.WrittenCount);
            json.WriteString("content_type", "application/json");
            json.WriteEndObject();
        }

        envelope.Write("\n"u8);
        envelope.Write(payload.WrittenSpan);
        envelope.Write("\n"u8);
        return new(envelope.WrittenSpan.ToArray());
    }

    private void Event(Utf8JsonWriter json, string id, CapturedError error)
    {
        json.WriteStartObject();
        json.WriteString("event_id", id);
        json.WriteString("timestamp", error.LastSeenAt.UtcDateTime);
        json.WriteString("platform", "csharp");
        json.WriteString("level", "error");
        json.WriteString("logger", "quitanda");
        json.WriteString("transaction", error.UseCase);
        json.WriteString("release", $"quitanda@{Health.Version}");
        json.WriteString("environment", settings.Value.Environment);
        json.WriteStartArray("fingerprint");
        json.WriteStringValue(error.Fingerprint);
        json.WriteEndArray();

        json.WriteStartObject("tags");
        json.WriteString("source", error.Source);
        json.WriteString("use_case", error.UseCase);
        json.WriteEndObject();
        json.WriteStartObject("extra");
        json.WriteNumber("count", error.Count);
        json.WriteEndObject();
        if (error.TraceId is not null)
        {
            json.WriteStartObject("contexts");
            json.WriteStartObject("trace");
            json.WriteString("trace_id", error.TraceId);
            json.WriteString("span_id", error.SpanId);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteStartObject("exception");
        json.WriteStartArray("values");
        json.WriteStartObject();
        json.WriteString("type", error.Type);
        json.WriteString("value", error.Message);
        json.WriteStartObject("mechanism");
        json.WriteString("type", "generic");
        json.WriteBoolean("handled", false);
        json.WriteEndObject();
        json.WriteStartObject("stacktrace");
        json.WriteStartArray("frames");
        // The protocol wants the oldest call first.
        foreach (var frame in error.Frames.Reverse())
        {
            json.WriteStartObject();
            json.WriteString("module", frame.Module);
            json.WriteString("function", frame.Function);
            if (frame.File is not null)
                json.WriteString("filename", frame.File);
            if (frame.Line > 0)
                json.WriteNumber("lineno", frame.Line);
            json.WriteBoolean("in_app", frame.IsOwn);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private sealed record Report(byte[] Envelope);

    [LoggerMessage(65, LogLevel.Warning, "A report of an error was not taken: {Status}")]
    private static partial void NotTaken(ILogger log, int status);

    [LoggerMessage(66, LogLevel.Warning, "A report of an error was not sent: {Type}")]
    private static partial void NotSent(ILogger log, string type);
}
