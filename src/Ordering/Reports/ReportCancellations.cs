using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>What was called off during a time, by whom and why, and how much of it had been paid. Orders that lapsed are among them, with the reason <c>lapsed</c>; those that a late payment brought back are not.</summary>
internal static class ReportCancellations
{
    /// <summary>Reasons that are told apart; people write many.</summary>
    private const int RowsAtMost = 500;

    internal sealed record Query : PeriodQuery;

    /// <param name="From">The first instant.</param>
    /// <param name="To">The end, that instant not included.</param>
    /// <param name="TimeZone">Whose days they are.</param>
    /// <param name="Orders">All that were called off.</param>
    /// <param name="Rows">By whom and why, the most frequent first; at most 500.</param>
    [SchemaId("CancellationReport")]
    internal sealed record Response(DateTimeOffset From, DateTimeOffset To, string TimeZone, int Orders, IReadOnlyList<Row> Rows);

    /// <param name="By">In what part.</param>
    /// <param name="Reason">As it was given; null where none was.</param>
    /// <param name="Orders">How many.</param>
    /// <param name="Paid">How many of them had been paid.</param>
    /// <param name="Total">What they came to.</param>
    [SchemaId("CancellationRow")]
    internal sealed record Row(Actor By, [Personal] string? Reason, int Orders, int Paid, Money Total);

    public static async Task<Ok<Response>> Handle([AsParameters] Query query, Db db, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var period = await Period.Read(query, time, clock.GetUtcNow(), ct);
        var (rows, all) = await Rows(period, db, ct);
        return TypedResults.Ok(new Response(period.From, period.To, period.Zone.Id, all, rows));
    }

    /// <summary>The rows of a report, and how many orders there are in all, those past the last row too.</summary>
    public static async Task<(List<Row> Rows, int All)> Rows(Period period, Db db, CancellationToken ct)
    {
        var all = 0;
        var rows = await db.Read(
            $"""
            select e.made_by, e.reason, count(*), count(*) filter (where o.paid_at is not null and o.total > 0), sum(o.total)::bigint, o.currency, (sum(count(*)) over ())::bigint
            from ordering.order_events e join ordering.orders o on o.id = e.order_id
            where e.status = 'cancelled' and e.at >= {period.From} and e.at < {period.To} and o.status = 'cancelled' and o.imported_at is null
                -- One that lapsed, was paid late and called off after that was called off once.
                and not exists (select from ordering.order_events later where later.order_id = e.order_id and later.position > e.position)
            group by e.made_by, e.reason, o.currency order by count(*) desc, e.made_by, e.reason limit {RowsAtMost}
            """,
            row =>
            {
                all = (int)row.GetInt64(6);
                return new Row(Wire.Parse<Actor>(row.GetString(0)), row.IsDBNull(1) ? null : row.GetString(1), (int)row.GetInt64(2), (int)row.GetInt64(3), new(row.GetInt64(4), row.GetString(5)));
            }, ct);
        return (rows, all);
    }
}
