using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>The queue as a stream: one for the whole shop.</summary>
internal sealed class QueueEvents : IStreamSource
{
    public const string QueueKind = "order-queue";

    /// <summary>The one stream there is.</summary>
    public static readonly Guid Id = Guid.Empty;

    /// <summary>What is announced when there is something new in it.</summary>
    public static Announcement Changed => new(QueueKind, Id, Guid.Empty);

    public string Kind => QueueKind;

    public Task<List<StreamEvent>> Read(Db db, IReadOnlyList<StreamPlace> places, int limit, CancellationToken ct)
    {
        var after = places.Select(place => place.After).ToArray();
        return db.Read(
            $"""
            select wanted.place, q.position, q.entered, o.id, o.number, o.short_number, o.fulfillment, o.ready_at, e.status, e.at, e.made_by, e.ready_at is not null, o.queue_at
            from unnest({after}) with ordinality as wanted (after, place)
            cross join lateral (select * from ordering.queue_events where position > wanted.after order by position limit {limit}) q
            join ordering.orders o on o.id = q.order_id
            join ordering.order_events e on e.order_id = q.order_id and e.position = q.event_position
            order by wanted.place, q.position
            """,
            row => new StreamEvent((int)row.GetInt64(0) - 1, row.GetInt64(1), row.GetBoolean(2) ? "orderQueued" : row.GetBoolean(11) ? OrderEvents.ReadyAtChanged : "statusChanged", new QueueNews(
                row.GetGuid(3), row.GetInt64(4), row.IsDBNull(5) ? null : row.GetString(5), Wire.Parse<Fulfillment>(row.GetString(6)), row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7),
                Wire.Parse<OrderStatus>(row.GetString(8)), row.GetFieldValue<DateTimeOffset>(9), Wire.Parse<Actor>(row.GetString(10)), row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12))), ct);
    }
}

/// <summary>What the queue tells of an order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Number">Its number.</param>
/// <param name="ShortNumber">What is called out.</param>
/// <param name="Fulfillment">Whether it is brought or picked up.</param>
/// <param name="ReadyAt">When it is promised.</param>
/// <param name="Status">How it stood then.</param>
/// <param name="At">When that was.</param>
/// <param name="By">Who made it so.</param>
/// <param name="QueueAt">When the kitchen must see it: until then it is not in the queue, and it comes in again when that has come.</param>
internal sealed record QueueNews(Guid OrderId, long Number, string? ShortNumber, Fulfillment Fulfillment, DateTimeOffset? ReadyAt, OrderStatus Status, DateTimeOffset At, Actor By, DateTimeOffset? QueueAt);
