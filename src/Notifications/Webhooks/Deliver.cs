using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>
/// Tells an endpoint of an event, with no transaction and no connection open meanwhile, and writes what came of it. At least once, always under the event's id, and not again once
/// that has been written down.
/// </summary>
internal sealed class Deliver(Db db, EndpointSecrets secrets, WebhookLine line, WebhookMeters meters, IAccounts accounts, IMail mail, TimeProvider clock, IOptions<WebhookSettings> settings)
    : ICallOut<Deliver.Message, AttemptOutcome?>
{
    public const string Kind = "notifications.deliver";

    /// <summary>Calls to one endpoint at once, in a process.</summary>
    public const int AtOnce = 2;

    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <param name="DeliveryId">What is delivered.</param>
    /// <param name="EndpointId">To whom.</param>
    /// <param name="Turn">The delivery's turn that this job is for.</param>
    internal sealed record Message(Guid DeliveryId, Guid EndpointId, int Turn);

    private sealed record Due(Guid EventId, byte[] Body, string Url, byte[] Secret, byte[]? OldSecret);

    public async Task<AttemptOutcome?> Call(Message message, CancellationToken ct)
    {
        var due = await db.ReadFirst(
            $"""
            select e.id, e.type, e.occurred_at, e.data::text, w.url, w.secret, case when w.old_secret_ends_at > {clock.GetUtcNow()} then w.old_secret end
            from notifications.webhook_deliveries d join notifications.events e on e.id = d.event_id join notifications.webhook_endpoints w on w.id = d.endpoint_id
            where d.id = {message.DeliveryId} and d.turn = {message.Turn} and d.status = 'waiting' and {Endpoint.IsOpen}
            """,
            row => new Due(row.GetGuid(0), Body(row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3)), row.GetString(4), row.GetFieldValue<byte[]>(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6)), ct);
        if (due is null || await secrets.Open(db, message.EndpointId, due.Secret, due.OldSecret, ct) is not { } keys)
            return null;
        return await line.Send(due.Url, due.EventId, due.Body, keys, ct);
    }

    public async Task Write(Message message, AttemptOutcome? outcome, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, message.EndpointId, ct) is not { } endpoint)
            return;
        var now = clock.GetUtcNow();
        if (outcome is null)
        {
            // It was disabled, or put into the queue anew. Only in the first case is this the job that it waits for.
            db.Write($"""
                update notifications.webhook_deliveries set status = 'failed', error = 'disabled', next_at = null, turn = turn + 1, updated_at = {now}
                where id = {message.DeliveryId} and turn = {message.Turn} and status = 'waiting'
                """);
            return;
        }

        meters.Tried(outcome);
        if (outcome.Error is not { } error)
        {
            endpoint.Succeed();
            Note(message, outcome, DeliveryStatus.Delivered, next: null, now);
            return;
        }

        if (await db.ReadFirst($"select tries + 1 from notifications.webhook_deliveries where id = {message.DeliveryId} and turn = {message.Turn}", row => (int?)row.GetInt32(0), ct) is not { } tries)
        {
            Note(message, outcome, DeliveryStatus.Failed, next: null, now);
            return;
        }

        await Fail(endpoint, message, outcome, error, tries, now, ct);
    }

    private async Task Fail(Endpoint endpoint, Message message, AttemptOutcome outcome, DeliveryError error, int tries, DateTimeOffset now, CancellationToken ct)
    {
        var isToBeTold = endpoint.Fail(tries, now);
        DisabledReason? why = error == DeliveryError.Gone ? DisabledReason.Gone : endpoint.FailingSince <= now.AddDays(-settings.Value.DisableAfterDays) ? DisabledReason.Failing : null;
        var next = why is null && Retries.After(tries) is { } pause ? now + pause : (DateTimeOffset?)null;
        Note(message, outcome, next is null ? DeliveryStatus.Failed : DeliveryStatus.Waiting, next, now);
        if (next is { } at)
            db.ScheduleFor(Kind, message.EndpointId, message with { Turn = message.Turn + 1 }, at);
        else
            meters.GaveUp();
        if (why is { } reason && endpoint.DisabledReason is null)
        {
            endpoint.Disable(db, reason, now);
            await Endpoint.Tell(accounts, mail, EndpointDisabled.Of(endpoint, reason), ct);
        }
        else if (isToBeTold)
        {
            await Endpoint.Tell(accounts, mail, EndpointFailing.Of(endpoint, outcome), ct);
        }
    }

    /// <summary>Writes the attempt down, and how it stands with the delivery, unless it has been put into the queue anew since.</summary>
    private void Note(Message message, AttemptOutcome outcome, DeliveryStatus status, DateTimeOffset? next, DateTimeOffset now) => db.Write(
        $"""
        with noted as (
            update notifications.webhook_deliveries set attempts = attempts + 1,
                tries = case when turn = {message.Turn} then tries + 1 else tries end,
                status = case when turn = {message.Turn} then {status} else status end,
                error = case when turn = {message.Turn} then {outcome.Error} else error end,
                next_at = case when turn = {message.Turn} then {next} else next_at end,
                delivered_at = case when turn = {message.Turn} then {(status == DeliveryStatus.Delivered ? now : default(DateTimeOffset?))} else delivered_at end,
                turn = case when turn = {message.Turn} then turn + 1 else turn end,
                updated_at = {now}
            where id = {message.DeliveryId} returning id, attempts)
        insert into notifications.webhook_attempts (delivery_id, number, at, duration_ms, status_code, error, answer)
        select id, attempts, {outcome.At}, {outcome.DurationMs}, {outcome.StatusCode}, {outcome.Error}, {outcome.Answer} from noted
        """);

    /// <summary>What is sent: the same bytes at every attempt, for they are made of what never changes.</summary>
    private static byte[] Body(Guid id, string type, DateTimeOffset occurredAt, string data)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, Written))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("type", type);
            json.WritePropertyName("occurredAt");
            JsonSerializer.Serialize(json, occurredAt, Wire.Json);
            json.WritePropertyName("data");
            JsonSerializer.Deserialize<JsonElement>(data, Wire.Stored).WriteTo(json);
            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
