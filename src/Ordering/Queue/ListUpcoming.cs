using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Queue;

/// <summary>Lists the orders whose time has not come, with their lines, what is promised first at the top: those that `GET /orders/queue` counts as `upcoming`. For staff.</summary>
internal static class ListUpcoming
{
    private static readonly SortField[] Sorts = [new("readyAt", "coalesce(o.ready_at, o.created_at)", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only orders that are handed over so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? Fulfillment { get; init; }

        /// <summary>Promised at or after this: a day (`2026-03-04`) in the store's own time zone, or an RFC 3339 time.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? From { get; init; }

        /// <summary>Promised for before this RFC 3339 time, or for this day at the latest.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? To { get; init; }
    }

    public static async Task<Ok<Page<OrderSummary>>> Handle([AsParameters] Query query, Db db, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var where = InQueue.After(clock.GetUtcNow());
        if (query.Fulfillment is not null)
            where = Sql.Of($"{where} and o.fulfillment = {Wire.Asked<Fulfillment>(query.Fulfillment, "fulfillment")}");
        if (query.From is not null)
            where = Sql.Of($"{where} and coalesce(o.ready_at, o.created_at) >= {await StoreInstant.Read(query.From, "from", daysLater: 0, time, ct)}");
        if (query.To is not null)
            where = Sql.Of($"{where} and coalesce(o.ready_at, o.created_at) < {await StoreInstant.Read(query.To, "to", daysLater: 1, time, ct)}");
        var page = await db.List(query, OrderSummary.Columns, Sql.Raw("ordering.orders o"), where, "o.id", Sorts, OrderSummary.Read, ct);

        await OrderSummary.AddItems(db, page.Data, ct);
        return TypedResults.Ok(page);
    }
}
