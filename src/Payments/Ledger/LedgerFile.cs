using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>The ledger on its way out as CSV: one page of it is in memory at a time.</summary>
internal sealed class LedgerFile(LedgerRows rows, IReadOnlyList<LedgerRow> first) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    private const string ContentType = "text/csv";

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), [ContentType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = $"{ContentType}; charset=utf-8; header=present";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = "attachment; filename=\"ledger.csv\"";

        StringBuilder text = new();
        Csv.Append(text, LedgerRow.Columns);
        for (var page = first; ; page = await rows.After(page[^1], ct))
        {
            foreach (var row in page)
                Csv.Append(text, row.Cells);
            await response.WriteAsync(text.ToString(), ct);
            text.Clear();
            if (page.Count < LedgerRows.AtOnce)
                return;
        }
    }
}

/// <summary>The lines of a time, from the oldest, a page at a time: each is a statement of its own, and between two of them no connection is held.</summary>
internal sealed class LedgerRows(Db db, DateTimeOffset from, DateTimeOffset to)
{
    public const int AtOnce = 1000;

    public async Task<IReadOnlyList<LedgerRow>> After(LedgerRow? last, CancellationToken ct)
    {
        List<LedgerRow> rows = new(AtOnce);
        var seek = last is null ? Sql.Of($"e.at >= {from}") : Sql.Of($"(e.at, e.id) > ({last.At}, {last.Id})");
        await db.ReadingPlanned(
            [$"""
            select e.id, e.at, t.id, t.key, t.kind, t.provider, t.payment_id, t.refund_id, e.position, e.account, e.party_id, e.amount, e.currency
            from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id
            where {seek} and e.at < {to} order by e.at, e.id limit {AtOnce}
            """],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                    rows.Add(LedgerRow.Read(reader));
            }, ct);
        return rows;
    }
}

/// <summary>A line as the file has it.</summary>
internal sealed record LedgerRow(
    Guid Id, DateTimeOffset At, Guid TransactionId, string Key, string Kind, string? Provider, Guid? PaymentId, Guid? RefundId, int Position, string Account, Guid? PartyId, long Amount, string Currency)
{
    /// <summary>Stable: later ones are added at the end.</summary>
    public static readonly IReadOnlyList<string> Columns =
        ["at", "transactionId", "key", "kind", "provider", "paymentId", "refundId", "position", "account", "partyId", "debit", "credit", "currency", "decimals"];

    /// <summary>Amounts are minor units and stand in the column of their side, so that none has a sign.</summary>
    public IReadOnlyList<string?> Cells =>
    [
        At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture), $"{TransactionId}", Key, Kind, Provider, $"{PaymentId}", $"{RefundId}", Position.ToString(CultureInfo.InvariantCulture),
        Account, $"{PartyId}", Amount > 0 ? Amount.ToString(CultureInfo.InvariantCulture) : null, Amount < 0 ? (-Amount).ToString(CultureInfo.InvariantCulture) : null, Currency,
        Currencies.Exists(Currency) ? Currencies.DecimalsOf(Currency).ToString(CultureInfo.InvariantCulture) : null,
    ];

    public static LedgerRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetGuid(2), row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetGuid(6),
        row.IsDBNull(7) ? null : row.GetGuid(7), row.GetInt32(8), row.GetString(9), row.IsDBNull(10) ? null : row.GetGuid(10), row.GetInt64(11), row.GetString(12));
}
