using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>How it stands with telling an endpoint of an event.</summary>
[SchemaId("WebhookDeliveryStatus")]
internal enum DeliveryStatus
{
    /// <summary>It is tried, now or later.</summary>
    Waiting,
    Delivered,

    /// <summary>It is given up, until somebody asks for another attempt.</summary>
    Failed,
}

/// <summary>Why an endpoint could not be told.</summary>
[SchemaId("WebhookDeliveryError")]
internal enum DeliveryError
{
    /// <summary>It answered something other than 2xx.</summary>
    Status,

    /// <summary>It leads elsewhere, which is not followed.</summary>
    Redirect,

    /// <summary>It answered 410.</summary>
    Gone,

    /// <summary>It did not answer in time.</summary>
    Timeout,

    /// <summary>Nobody answers there.</summary>
    Unreachable,

    /// <summary>It cannot prove who it is, or speaks no TLS that we do.</summary>
    Tls,

    /// <summary>What it answers is no HTTP, or too much of it.</summary>
    BadAnswer,

    /// <summary>It lies where nothing is called.</summary>
    NotAllowed,

    /// <summary>The endpoint was disabled meanwhile.</summary>
    Disabled,

    /// <summary>What came of it was never written down, or it was never tried: its job came to an end without it.</summary>
    Lost,
}

/// <summary>That an endpoint is told of an event.</summary>
internal sealed class Delivery
{
    public required Guid Id { get; init; }
    public required Guid EventId { get; init; }
    public required Guid EndpointId { get; init; }
    public required string Type { get; init; }
    public required DeliveryStatus Status { get; init; }
    public DeliveryError? Error { get; init; }
    public int Attempts { get; init; }
    public int Tries { get; init; }
    public int Turn { get; init; }
    public DateTimeOffset? NextAt { get; init; }
    public DateTimeOffset? DeliveredAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Has an endpoint told of an event, once.</summary>
    public static Guid Begin(Db db, Guid eventId, Guid endpointId, string type, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        db.Write($"""
            insert into notifications.webhook_deliveries (id, event_id, endpoint_id, type, status, next_at, created_at, updated_at)
            values ({id}, {eventId}, {endpointId}, {type}, 'waiting', {now}, {now}, {now})
            """);
        db.ScheduleFor(Deliver.Kind, endpointId, new Deliver.Message(id, endpointId, Turn: 1), now);
        return id;
    }

    /// <summary>Has deliveries of an endpoint tried again, under the lock of the endpoint: those that <paramref name="which"/> names, the first first. Says how many.</summary>
    public static async Task<int> Again(Db db, Guid endpointId, Sql which, int atMost, DateTimeOffset now, CancellationToken ct)
    {
        var again = await db.Read(
            $"""
            update notifications.webhook_deliveries set status = 'waiting', error = null, tries = 0, turn = turn + 1, next_at = {now}, delivered_at = null, updated_at = {now}
            where id in (select d.id from notifications.webhook_deliveries d where d.endpoint_id = {endpointId} and {which} order by d.created_at, d.id limit {atMost})
            returning id, turn
            """, row => new Deliver.Message(row.GetGuid(0), endpointId, row.GetInt32(1)), ct);
        foreach (var message in again)
            db.ScheduleFor(Deliver.Kind, endpointId, message, now);
        return again.Count;
    }
}

/// <summary>One attempt at a delivery.</summary>
internal sealed class DeliveryAttempt
{
    public required Guid DeliveryId { get; init; }
    public required int Number { get; init; }
    public required DateTimeOffset At { get; init; }
    public required int DurationMs { get; init; }
    public int? StatusCode { get; init; }
    public DeliveryError? Error { get; init; }
    public string? Answer { get; init; }
}
