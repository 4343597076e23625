using Microsoft.AspNetCore.Http;
using Quitanda.Catalog;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>Gives the rows of the report of sales out as CSV (RFC 4180), amounts in minor units.</summary>
internal static class ExportSales
{
    public static async Task<CsvFile> Handle([AsParameters] ReportSales.Query query, Db db, ICatalog catalog, IPayments payments, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var (group, period) = (query.Group, await Period.Read(query, time, clock.GetUtcNow(), ct));
        var rows = await ReportSales.Rows(group, period, db, catalog, payments, ct);
        return new("sales", ["key", "label", "orders", "quantity", "goods", "discount", "net", "currency"],
            rows.Select(row => (IReadOnlyList<string?>)[row.Key, row.Label, Csv.Number(row.Orders), Csv.Number(row.Quantity), Csv.Number(row.Goods.Amount), Csv.Number(row.Discount.Amount), Csv.Number(row.Net.Amount), row.Goods.Currency]));
    }
}
