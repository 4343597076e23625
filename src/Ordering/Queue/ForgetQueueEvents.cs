using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>Forgets what the queue was told of orders that are done, a week later: no screen comes back after that. What of an order is under way stays, since it says where to go on.</summary>
internal sealed class ForgetQueueEvents(Db db) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-queue-events";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Rows a tick; the next one takes the rest.</summary>
    private const int AtMost = 20_000;

    public Task Handle(Tick message, CancellationToken ct) => db.Execute(
        $"""
        delete from ordering.queue_events where position in (
            select q.position from ordering.queue_events q join ordering.orders o on o.id = q.order_id
            where q.put_at < {message.At - Kept} and o.status in ('delivered', 'cancelled') order by q.put_at limit {AtMost})
        """, ct);
}
