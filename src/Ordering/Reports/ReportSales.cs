using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>
/// What was sold: orders whose money came in during a time, by day, hour, product, category or way to pay, in the store's own time. Goods are what the books have under sales, to the cent; what went back in
/// that time stands beside, whenever it was sold. Orders that cost nothing were never money and are counted apart.
/// </summary>
internal static class ReportSales
{
    internal sealed record Query : PeriodQuery
    {
        /// <summary>What a row is for: <c>day</c>, <c>hour</c>, <c>product</c>, <c>category</c> or <c>method</c>.</summary>
        [StringLength(20, MinimumLength = 1), DefaultValue("day")]
        public string? GroupBy { get; init; }

        internal SalesGroup Group => Wire.Asked<SalesGroup>(GroupBy ?? "day", "groupBy");
    }

    /// <summary>Products, or categories, that have rows of their own. What sold least is left to the totals.</summary>
    private const int RowsAtMost = 10_000;

    /// <param name="From">The first instant.</param>
    /// <param name="To">The end, that instant not included.</param>
    /// <param name="TimeZone">Whose days and hours they are.</param>
    /// <param name="GroupBy">What a row is for.</param>
    /// <param name="Rows">One for each that sold anything, at most 10,000: days and hours in their order, the others by what they came to.</param>
    /// <param name="Totals">All of it, by currency.</param>
    [SchemaId("SalesReport")]
    internal sealed record Response(DateTimeOffset From, DateTimeOffset To, string TimeZone, SalesGroup GroupBy, IReadOnlyList<Row> Rows, IReadOnlyList<Totals> Totals);

    /// <param name="Key">The day (<c>2026-03-04</c>), the hour (<c>00</c> to <c>23</c>), the product's or the category's id, or how it was paid (<c>pix</c>, <c>card</c>, <c>manual</c>; the provider's name where that was chosen there). Empty for what had no category.</param>
    /// <param name="Label">The same for people: a product as it was called then, by one of its names, a category as it is called now.</param>
    /// <param name="Orders">Orders that have any of it.</param>
    /// <param name="Quantity">Pieces.</param>
    /// <param name="Goods">What they cost before discounts.</param>
    /// <param name="Discount">What came off.</param>
    /// <param name="Net">Goods less discount.</param>
    [SchemaId("SalesRow")]
    internal sealed record Row([Impersonal] string Key, [Impersonal] string Label, int Orders, long Quantity, Money Goods, Money Discount, Money Net);

    /// <param name="Orders">Orders that were paid.</param>
    /// <param name="Goods">What was sold, before discounts: what the books have under sales.</param>
    /// <param name="Discount">What came off.</param>
    /// <param name="DeliveryFees">For bringing it.</param>
    /// <param name="Tips">On top.</param>
    /// <param name="Total">What was paid.</param>
    /// <param name="AverageTicket">Total by orders, half a unit rounded up.</param>
    /// <param name="Refunded">What went back in this time, of whatever sale.</param>
    /// <param name="FreeOrders">Orders that cost nothing and were not called off; they are in none of the others.</param>
    [SchemaId("SalesTotals")]
    internal sealed record Totals(int Orders, Money Goods, Money Discount, Money DeliveryFees, Money Tips, Money Total, Money AverageTicket, Money Refunded, int FreeOrders);

    public static async Task<Ok<Response>> Handle([AsParameters] Query query, Db db, ICatalog catalog, IPayments payments, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var (group, period) = (query.Group, await Period.Read(query, time, clock.GetUtcNow(), ct));
        var rows = await Rows(group, period, db, catalog, payments, ct);
        var back = await payments.GoneBack(PayableOrder.OrderKind, period.From, period.To, ct);
        var totals = await db.Read(
            $"""
            select o.currency, count(*) filter (where o.total > 0), coalesce(sum(o.subtotal) filter (where o.total > 0), 0)::bigint, coalesce(sum(o.discount) filter (where o.total > 0), 0)::bigint,
                   coalesce(sum(o.delivery_fee), 0)::bigint, coalesce(sum(o.tip), 0)::bigint, coalesce(sum(o.total), 0)::bigint, count(*) filter (where o.total = 0 and o.status <> 'cancelled')
            from ordering.orders o where {Paid(period)} group by o.currency order by o.currency
            """,
            row =>
            {
                var (currency, orders, total) = (row.GetString(0), row.GetInt64(1), row.GetInt64(6));
                return new Totals(
                    (int)orders, new(row.GetInt64(2), currency), new(row.GetInt64(3), currency), new(row.GetInt64(4), currency), new(row.GetInt64(5), currency), new(total, currency),
                    new(orders == 0 ? 0 : (total + orders / 2) / orders, currency), new(back.GetValueOrDefault(currency), currency), (int)row.GetInt64(7));
            }, ct);
        // What went back in a currency in which nothing was sold is not left out.
        totals.AddRange(back.Where(one => totals.TrueForAll(known => known.Total.Currency != one.Key)).Select(one =>
            new Totals(0, Money.Zero(one.Key), Money.Zero(one.Key), Money.Zero(one.Key), Money.Zero(one.Key), Money.Zero(one.Key), Money.Zero(one.Key), new(one.Value, one.Key), 0)));
        return TypedResults.Ok(new Response(period.From, period.To, period.Zone.Id, group, rows, totals));
    }

    /// <summary>The rows of a report.</summary>
    public static Task<List<Row>> Rows(SalesGroup group, Period period, Db db, ICatalog catalog, IPayments payments, CancellationToken ct) => group switch
    {
        SalesGroup.Day or SalesGroup.Hour => ByTime(group, period, db, ct),
        SalesGroup.Method => SalesByMethod.Rows(period, db, payments, ct),
        _ => ByGoods(group, period, db, catalog, ct),
    };

    private static Sql Paid(Period period) => Sql.Of($"o.paid_at >= {period.From} and o.paid_at < {period.To}");

    private static Task<List<Row>> ByTime(SalesGroup group, Period period, Db db, CancellationToken ct)
    {
        var format = group == SalesGroup.Day ? "YYYY-MM-DD" : "HH24";
        return db.Read(
            $"""
            select to_char(o.paid_at at time zone {period.Zone.Id}, {format}) as key, count(*), sum((select sum(i.quantity) from ordering.order_items i where i.order_id = o.id))::bigint,
                   sum(o.subtotal)::bigint, sum(o.discount)::bigint, o.currency
            from ordering.orders o where {Paid(period)} and o.total > 0 group by key, o.currency order by key, o.currency
            """,
            row => Of(row.GetString(0), group == SalesGroup.Hour ? $"{row.GetString(0)}:00" : row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5)), ct);
    }

    private static async Task<List<Row>> ByGoods(SalesGroup group, Period period, Db db, ICatalog catalog, CancellationToken ct)
    {
        var key = Sql.Raw(group == SalesGroup.Product ? "i.product_id" : "i.category_id");
        var rows = await db.Read(
            $"""
            select {key}, max(i.name), count(distinct o.id), sum(i.quantity)::bigint, sum(i.total)::bigint as goods, sum(i.discount)::bigint, o.currency
            from ordering.orders o join ordering.order_items i on i.order_id = o.id
            where {Paid(period)} and o.total > 0 group by {key}, o.currency order by goods desc, {key} limit {RowsAtMost}
            """,
            row => (Id: row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), Name: row.GetString(1), Orders: row.GetInt64(2), Quantity: row.GetInt64(3), Goods: row.GetInt64(4), Discount: row.GetInt64(5), Currency: row.GetString(6)), ct);
        var names = group == SalesGroup.Category ? await catalog.CategoryNames([.. rows.Where(row => row.Id is not null).Select(row => row.Id!.Value).Distinct()], ct) : null;
        return [.. rows.Select(row => Of($"{row.Id}", names is null ? row.Name : row.Id is { } id ? names.GetValueOrDefault(id, "") : "", row.Orders, row.Quantity, row.Goods, row.Discount, row.Currency))];
    }

    internal static Row Of(string key, string label, long orders, long quantity, long goods, long discount, string currency) =>
        new(key, label, (int)orders, quantity, new(goods, currency), new(discount, currency), new(goods - discount, currency));
}

/// <summary>What a row of sales is for.</summary>
internal enum SalesGroup
{
    Day,
    Hour,
    Product,
    Category,
    Method,
}
