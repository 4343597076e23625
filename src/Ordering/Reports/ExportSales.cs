using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quitanda.Catalog;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>Gives the rows of the report of sales out as CSV (RFC 4180), amounts in minor units.</summary>
internal static class ExportSales
{
    public static async Task<CsvFile> Handle([AsParameters] ReportSales.Query query, Db db, ICatalog catalog, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var (group, period) = (query.Group, await Period.Read(query, time, clock.GetUtcNow(), ct));
        var rows = await ReportSales.Rows(group, period, db, catalog, ct);
        return new("sales", ["key", "label", "orders", "quantity", "goods", "discount", "net", "currency"],
            rows.Select(row => (IReadOnlyList<string?>)[row.Key, row.Label, Number(row.Orders), Number(row.Quantity), Number(row.Goods.Amount), Number(row.Discount.Amount), Number(row.Net.Amount), row.Goods.Currency]));
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
