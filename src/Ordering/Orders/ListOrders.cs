using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Lists everybody's orders with their lines, the newest first, for staff.</summary>
internal static partial class ListOrders
{
    private static readonly SortField[] Sorts = [new("-createdAt", "o.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only orders that stand so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? Status { get; init; }

        /// <summary>Only orders whose money stands so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? PaymentStatus { get; init; }

        /// <summary>Only orders that are handed over so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? Fulfillment { get; init; }

        /// <summary>Placed at or after this: a day (<c>2026-03-04</c>) in the store's own time zone, or an RFC 3339 time.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? From { get; init; }

        /// <summary>Placed before this RFC 3339 time, or on this day at the latest.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? To { get; init; }

        /// <summary>Promised for this day, or RFC 3339 time, or later.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? ReadyFrom { get; init; }

        /// <summary>Promised for before this RFC 3339 time, or for this day at the latest.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? ReadyTo { get; init; }

        /// <summary>An order's number, short or long, or a customer's id.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Search { get; init; }
    }

    public static async Task<Ok<Page<OrderSummary>>> Handle([AsParameters] Query query, Db db, IBusinessTime time, CancellationToken ct)
    {
        var where = await Where(query, time, ct);
        var page = await db.List(query, OrderSummary.Columns, Sql.Raw("ordering.orders o"), where, "o.id", Sorts, OrderSummary.Read, ct);

        await OrderSummary.AddItems(db, page.Data, ct);
        return TypedResults.Ok(page);
    }

    private static async Task<Sql> Where(Query query, IBusinessTime time, CancellationToken ct)
    {
        var where = Sql.Raw("true");
        if (query.Status is not null)
            // Named in the text, so that the planner may see that the index of orders in work will do.
            where = Sql.Of($"{where} and o.status = {Sql.Raw($"'{Wire.Asked<OrderStatus>(query.Status, "status").Name()}'")}");
        if (query.PaymentStatus is not null)
            where = Sql.Of($"{where} and o.payment_status = {Sql.Raw($"'{Wire.Asked<PaymentStatus>(query.PaymentStatus, "paymentStatus").Name()}'")}");
        if (query.Fulfillment is not null)
            where = Sql.Of($"{where} and o.fulfillment = {Sql.Raw($"'{Wire.Asked<Fulfillment>(query.Fulfillment, "fulfillment").Name()}'")}");
        if (query.From is not null)
            where = Sql.Of($"{where} and o.created_at >= {await StoreInstant.Read(query.From, "from", daysLater: 0, time, ct)}");
        if (query.To is not null)
            where = Sql.Of($"{where} and o.created_at < {await StoreInstant.Read(query.To, "to", daysLater: 1, time, ct)}");
        if (query.ReadyFrom is not null)
            where = Sql.Of($"{where} and o.ready_at >= {await StoreInstant.Read(query.ReadyFrom, "readyFrom", daysLater: 0, time, ct)}");
        if (query.ReadyTo is not null)
            where = Sql.Of($"{where} and o.ready_at < {await StoreInstant.Read(query.ReadyTo, "readyTo", daysLater: 1, time, ct)}");
        if (query.Search is not null)
            where = Sql.Of($"{where} and {Found(query.Search.Trim())}");
        return where;
    }

    private static Sql Found(string search)
    {
        if (Guid.TryParse(search, out var customerId))
            return Sql.Of($"o.customer_id = {customerId}");
        if (ShortNumber().IsMatch(search))
            return Sql.Of($"o.short_number = {search.ToUpperInvariant()}");
        return long.TryParse(search.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Sql.Of($"o.number = {number}") : Sql.Raw("false");
    }

    [GeneratedRegex("^[A-Za-z][0-9]{1,9}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShortNumber();
}
