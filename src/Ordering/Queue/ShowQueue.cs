using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>Shows what the counter has to do, what is promised first at the top: orders that are taken on or are to be, whose time has come. For staff.</summary>
internal static class ShowQueue
{
    /// <summary>More than a counter can look at.</summary>
    private const int AtMost = 500;

    /// <param name="Position">Where `GET /orders/queue/events` goes on from, as `Last-Event-ID`.</param>
    /// <param name="Upcoming">Orders whose time has not come; `GET /orders/upcoming` lists them.</param>
    /// <param name="Orders">At most 500.</param>
    internal sealed record Response(long Position, int Upcoming, IReadOnlyList<OrderSummary> Orders);

    public static async Task<Ok<Response>> Handle(Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The position first: what happens between the two is in the orders and is told once more, and nothing is missed.
        var position = await db.ReadFirst($"select position from ordering.queue_head where id = 1", row => row.GetInt64(0), ct);
        var orders = await db.Read(
            $"""
            select {OrderSummary.Columns} from ordering.orders o
            where o.status not in ('delivered', 'cancelled') and {InQueue.Condition} and coalesce(o.queue_at, o.created_at) <= {now}
            order by coalesce(o.ready_at, o.created_at), o.number limit {AtMost}
            """, OrderSummary.Read, ct);
        var upcoming = await db.ReadFirst(
            $"select count(*) from ordering.orders o where {InQueue.After(now)}", row => row.GetInt64(0), ct);
        await OrderSummary.AddItems(db, orders, ct);
        return TypedResults.Ok(new Response(position, (int)upcoming, orders));
    }
}
