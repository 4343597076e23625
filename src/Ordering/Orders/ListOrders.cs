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

        /// <summary>Placed at or after this: a day (<c>2026-03-04</c>) in the store's own time zone, or an RFC 3339 time.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? From { get; init; }

        /// <summary>Placed before this RFC 3339 time, or on this day at the latest.</summary>
        [StringLength(40, MinimumLength = 1)]
        public string? To { get; init; }

        /// <summary>An order's number, short or long, or a customer's id.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Search { get; init; }
    }

    public static async Task<Ok<Page<OrderSummary>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        var where = await Where(query, db, ct);
        var page = await db.List(query, OrderSummary.Columns, Sql.Raw("ordering.orders o"), where, "o.id", Sorts, OrderSummary.Read, ct);

        var ids = page.Data.Select(order => order.Id).ToArray();
        var byId = page.Data.ToDictionary(order => order.Id);
        await db.Reading([$"select {OrderSummary.Item.Columns}, i.order_id from ordering.order_items i where i.order_id = any({ids}) order by i.order_id, i.position"], async reader =>
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                var order = byId[reader.GetGuid(OrderSummary.Item.ColumnCount)];
                order.Items.Add(OrderSummary.Item.Read(reader, 0, order.Total.Currency));
            }
        }, ct);
        return TypedResults.Ok(page);
    }

    private static async Task<Sql> Where(Query query, Db db, CancellationToken ct)
    {
        var where = Sql.Raw("true");
        if (query.Status is not null)
            // Named in the text, so that the planner may see that the index of orders in work will do.
            where = Sql.Of($"{where} and o.status = {Sql.Raw($"'{NameOf<OrderStatus>(query.Status, "status")}'")}");
        if (query.PaymentStatus is not null)
            where = Sql.Of($"{where} and o.payment_status = {Sql.Raw($"'{NameOf<PaymentStatus>(query.PaymentStatus, "paymentStatus")}'")}");
        if (query.From is not null)
            where = Sql.Of($"{where} and o.created_at >= {await Instant(query.From, "from", daysLater: 0, db, ct)}");
        if (query.To is not null)
            where = Sql.Of($"{where} and o.created_at < {await Instant(query.To, "to", daysLater: 1, db, ct)}");
        if (query.Search is not null)
            where = Sql.Of($"{where} and {Found(query.Search.Trim())}");
        return where;
    }

    private static string NameOf<T>(string asked, string field) where T : struct, Enum => Wire.TryParse<T>(asked, out var value)
        ? value.Name()
        : throw new InvalidException(field, $"must be one of {string.Join(", ", Wire.Names<T>())}.");

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

    private static async Task<DateTimeOffset> Instant(string text, string field, int daysLater, Db db, CancellationToken ct)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            var zone = await db.ReadFirst($"select time_zone from ordering.stores where id = 1", reader => reader.GetString(0), ct);
            return OpeningHours.FirstInstantOf(day.AddDays(daysLater).ToDateTime(TimeOnly.MinValue), TimeZoneInfo.FindSystemTimeZoneById(zone!)).ToUniversalTime();
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw new InvalidException(field, "must be a day such as 2026-03-04, or a time such as 2026-03-04T12:00:00Z.");
    }
}
