using System.Runtime.InteropServices;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>The rows of the report of sales by how they were paid, which Payments knows: so orders are read in portions, and added up here.</summary>
internal static class SalesByMethod
{
    private const int OrdersAtOnce = 10_000;

    public static async Task<List<ReportSales.Row>> Rows(Period period, Db db, IPayments payments, CancellationToken ct)
    {
        var sums = new Dictionary<(string Method, string Currency), Sum>();
        var (after, last) = (period.From, Guid.Empty);
        while (true)
        {
            var sales = await db.Read(
                $"""
                select o.paid_at, o.id, o.payment_id, (select sum(i.quantity) from ordering.order_items i where i.order_id = o.id)::bigint, o.subtotal, o.discount, o.currency
                from ordering.orders o where o.paid_at >= {after} and o.paid_at < {period.To} and (o.paid_at, o.id) > ({after}, {last}) and o.total > 0
                order by o.paid_at, o.id limit {OrdersAtOnce}
                """,
                row => new Sale(
                    row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetString(6)), ct);
            var methods = await payments.MethodsOf([.. sales.Select(sale => sale.PaymentId).OfType<Guid>()], ct);
            foreach (var sale in sales)
            {
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, (sale.PaymentId is { } id ? methods.GetValueOrDefault(id, "") : "", sale.Currency), out _);
                sum = new(sum.Orders + 1, sum.Quantity + sale.Quantity, sum.Goods + sale.Goods, sum.Discount + sale.Discount);
            }

            if (sales.Count < OrdersAtOnce)
                break;
            (after, last) = (sales[^1].PaidAt, sales[^1].Id);
        }

        return [.. sums.OrderByDescending(one => one.Value.Goods).ThenBy(one => one.Key.Method, StringComparer.Ordinal).Select(one =>
            ReportSales.Of(one.Key.Method, one.Key.Method, one.Value.Orders, one.Value.Quantity, one.Value.Goods, one.Value.Discount, one.Key.Currency))];
    }

    private sealed record Sale(DateTimeOffset PaidAt, Guid Id, Guid? PaymentId, long Quantity, long Goods, long Discount, string Currency);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sum(long Orders, long Quantity, long Goods, long Discount);
}
