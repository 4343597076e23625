using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>That an endpoint is told of an event, and how often that was tried.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EndpointId">Who is told.</param>
/// <param name="EventId">Of what: the <c>webhook-id</c> of every attempt.</param>
/// <param name="Type">What happened.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Error">Why the last attempt failed, or why there is none.</param>
/// <param name="AttemptCount">How often it was tried in all.</param>
/// <param name="NextAt">When it is tried next; null where it is not.</param>
/// <param name="DeliveredAt">When it got through.</param>
/// <param name="Attempts">The last attempts, the last first; twenty at the most.</param>
/// <param name="CreatedAt">When it was put into the queue.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record WebhookDeliveryDetails(
    Guid Id, Guid EndpointId, Guid EventId, string Type, DeliveryStatus Status, DeliveryError? Error, int AttemptCount, DateTimeOffset? NextAt, DateTimeOffset? DeliveredAt,
    IReadOnlyList<WebhookDeliveryDetails.Attempt> Attempts, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>One attempt.</summary>
    /// <param name="Number">The first is 1.</param>
    /// <param name="At">When it began.</param>
    /// <param name="DurationMs">How long it took, in milliseconds.</param>
    /// <param name="StatusCode">What was answered; null where nothing was.</param>
    /// <param name="Error">Why it failed; null where it did not.</param>
    /// <param name="Answer">How the answer begins, in its sender's words: 500 characters at the most.</param>
    internal sealed record Attempt(int Number, DateTimeOffset At, int DurationMs, int? StatusCode, DeliveryError? Error, string? Answer);

    /// <summary>The columns that <see cref="Read"/> reads, of <c>notifications.webhook_deliveries d</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        d.id, d.endpoint_id, d.event_id, d.type, d.status, d.error, d.attempts, d.next_at, d.delivered_at,
        (select coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'at', a.at, 'durationMs', a.duration_ms, 'statusCode', a.status_code, 'error', a.error, 'answer', a.answer) order by a.number desc), '[]')
         from (select a.* from notifications.webhook_attempts a where a.delivery_id = d.id order by a.number desc limit 20) a)::text,
        d.created_at, d.updated_at
        """);

    public static WebhookDeliveryDetails Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), Wire.Parse<DeliveryStatus>(row.GetString(4)), row.IsDBNull(5) ? null : Wire.Parse<DeliveryError>(row.GetString(5)), row.GetInt32(6),
        Instant(row, 7), Instant(row, 8),
        [.. JsonSerializer.Deserialize<Attempt[]>(row.GetString(9), Wire.Stored)!.Select(attempt => attempt with { At = attempt.At.ToUniversalTime() })],
        row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11));

    public static Task<WebhookDeliveryDetails?> Find(Db db, Guid id, CancellationToken ct) => db.ReadFirst(
        $"select {Columns} from notifications.webhook_deliveries d join notifications.webhook_endpoints w on w.id = d.endpoint_id where d.id = {id} and w.deleted_at is null", Read, ct);

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}
