using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order's timeline as a stream. Whoever adds to it holds the order's lock, so its positions are seen in their order.</summary>
internal sealed class OrderEvents : IStreamSource
{
    public const string OrderKind = "order";

    /// <summary>The name of an event that changes what is promised, and not the status.</summary>
    public const string ReadyAtChanged = "readyAtChanged";

    public string Kind => OrderKind;

    public Task<List<StreamEvent>> Read(Db db, IReadOnlyList<StreamPlace> places, int limit, CancellationToken ct)
    {
        var (ids, after) = (places.Select(place => place.Stream).ToArray(), places.Select(place => place.After).ToArray());
        return db.Read(
            $"""
            select wanted.place, e.position, e.status, e.at, e.made_by, e.reason, e.made_by_id, e.ready_at
            from unnest({ids}, {after}) with ordinality as wanted (id, after, place)
            cross join lateral (
                select * from ordering.order_events where order_id = wanted.id and position > wanted.after order by position limit {limit}
            ) e
            order by wanted.place, e.position
            """,
            row =>
            {
                var step = OrderDetails.Step.Read(row, 2, forStaff: false);
                return new StreamEvent((int)row.GetInt64(0) - 1, row.GetInt32(1), step.ReadyAt is null ? "statusChanged" : ReadyAtChanged, step, Order.IsFinal(step.Status));
            }, ct);
    }
}
