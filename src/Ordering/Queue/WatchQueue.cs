using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>
/// The queue as server-sent events: `orderQueued` when an order is to be made, `statusChanged` when one that was is moved on, `readyAtChanged` when it is promised for another time, and `orderQueued` again when that put it off and has come. Without `Last-Event-ID` it begins now; with the `position` of
/// `GET /orders/queue`, or the id of the last event one has, nothing between is missed. What a finished order was told is kept for a week.
/// </summary>
internal static class WatchQueue
{
    public static async Task<EventStream<QueueNews>> Handle(LastEventId last, Caller caller, Db db, Streams streams, CancellationToken ct)
    {
        var from = last.IsGiven ? last.Position : await db.ReadFirst($"select position from ordering.queue_head where id = 1", row => row.GetInt64(0), ct);
        return streams.Watch<QueueNews>(QueueEvents.QueueKind, QueueEvents.Id, from, caller);
    }
}
