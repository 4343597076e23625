using Microsoft.AspNetCore.Http;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>Gives the rows of the report of cancellations out as CSV (RFC 4180), amounts in minor units.</summary>
internal static class ExportCancellations
{
    public static async Task<CsvFile> Handle([AsParameters] ReportCancellations.Query query, Db db, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var (rows, _) = await ReportCancellations.Rows(await Period.Read(query, time, clock.GetUtcNow(), ct), db, ct);
        return new("cancellations", ["by", "reason", "orders", "paid", "total", "currency"],
            rows.Select(row => (IReadOnlyList<string?>)[row.By.Name(), row.Reason, Csv.Number(row.Orders), Csv.Number(row.Paid), Csv.Number(row.Total.Amount), row.Total.Currency]));
    }
}
