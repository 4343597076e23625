using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Lists the caller's own orders with their lines, the newest first. What happened to an order is shown with the order itself.</summary>
internal static class ListMyOrders
{
    private const string NewestFirst = "-createdAt";
    private const string OldestFirst = "createdAt";

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<OrderSummary>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");
        var sort = query.Sort ?? NewestFirst;
        if (sort is not (NewestFirst or OldestFirst))
            throw new InvalidException("sort", $"must be one of {OldestFirst}, {NewestFirst}.");

        var limit = query.Limit ?? 20;
        var page = query.Page ?? 1;
        var isByNumber = query.After is null;
        var seek = isByNumber ? Sql.Nothing : After(query.After!, sort);
        // By cursor nobody asks how many there are, so nobody counts.
        var count = isByNumber ? Sql.Of($"(select count(*) from ordering.orders where customer_id = {caller.Id})") : Sql.Raw("0::bigint");
        var way = Sql.Raw(sort == NewestFirst ? "desc" : "asc");

        List<OrderSummary> orders = new(limit + 1);
        var total = 0L;
        await db.Reading(
            [
                // Lines come as arrays beside their order: as rows they would repeat everything about it, which costs a fifth more.
                $"""
                select {OrderSummary.Columns}, i.products, i.names, i.quantities, i.prices, i.totals, i.more, {count}
                from ordering.orders o
                cross join lateral (
                    select array_agg(product_id) as products, array_agg(name) as names, array_agg(quantity) as quantities, array_agg(unit_price) as prices, array_agg(total) as totals,
                        array_agg(case when discount > 0 or options is not null or notes is not null then jsonb_build_object('discount', discount, 'options', options, 'notes', notes)::text end) as more
                    from (select * from ordering.order_items where order_id = o.id order by position) items
                ) i
                where o.customer_id = {caller.Id}{seek}
                order by o.created_at {way}, o.id {way}
                limit {limit + 1} offset {(page - 1L) * limit}
                """,
            ],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    if (orders.Count == 0)
                        total = reader.GetInt64(OrderSummary.ColumnCount + 6);
                    orders.Add(Read(reader));
                }
            }, ct);

        // Past the last page there is no row to carry the count.
        if (isByNumber && orders.Count == 0 && page > 1)
            total = await db.ReadFirst($"select count(*) from ordering.orders where customer_id = {caller.Id}", reader => reader.GetInt64(0), ct);

        var hasNext = orders.Count > limit;
        if (hasNext)
            orders.RemoveAt(limit);
        var next = hasNext ? Cursor.Write(sort, orders[^1].CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), orders[^1].Id) : null;
        return TypedResults.Ok(new Page<OrderSummary>(orders, isByNumber
            ? new(page, limit, total, (total + limit - 1) / limit, hasNext, next)
            : new(Page: null, limit, Total: null, TotalPages: null, hasNext, next)));
    }

    /// <summary>What few lines have.</summary>
    private sealed record Rest(long Discount, OrderItem.Option[]? Options, string? Notes)
    {
        public static Rest None { get; } = new(0, Options: null, Notes: null);
    }

    private static Sql After(string cursor, string sort)
    {
        var (value, id) = Cursor.Read(cursor, sort);
        if (!DateTime.TryParseExact(value, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) || at.Kind != DateTimeKind.Utc)
            throw new InvalidException("after", "is not a cursor of this list in this order.");
        return Sql.Of($" and (o.created_at, o.id) {Sql.Raw(sort == NewestFirst ? "<" : ">")} ({new DateTimeOffset(at)}, {id})");
    }

    private static OrderSummary Read(NpgsqlDataReader reader)
    {
        const int Lines = OrderSummary.ColumnCount;
        var order = OrderSummary.Read(reader);
        var currency = order.Total.Currency;
        var (products, names, quantities) = (reader.GetFieldValue<Guid[]>(Lines), reader.GetFieldValue<string[]>(Lines + 1), reader.GetFieldValue<int[]>(Lines + 2));
        var (prices, totals) = (reader.GetFieldValue<long[]>(Lines + 3), reader.GetFieldValue<long[]>(Lines + 4));
        var more = reader.GetFieldValue<string?[]>(Lines + 5);
        for (var line = 0; line < products.Length; line++)
        {
            // Few lines have any of it, and the others need not pay for it.
            var rest = more[line] is { } text ? JsonSerializer.Deserialize<Rest>(text, Wire.Stored)! : Rest.None;
            order.Items.Add(new(
                products[line], names[line], quantities[line], new(prices[line], currency), new(totals[line], currency), new(rest.Discount, currency), OrderSummary.Option.Of(rest.Options, currency), rest.Notes));
        }

        return order;
    }
}
