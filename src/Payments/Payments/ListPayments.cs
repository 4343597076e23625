using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Lists all payments, newest first.</summary>
internal static class ListPayments
{
    private static readonly SortField[] Sorts = [new("-createdAt", "p.created_at", "timestamptz"), new("amount", "p.amount", "bigint")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only payments that stand there.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Status { get; init; }

        /// <summary>Only payments of this provider.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Provider { get; init; }
    }

    public static async Task<Ok<Page<PaymentDetails>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        if (query.Status is not null && !Wire.TryParse<PaymentStatus>(query.Status, out _))
            throw new InvalidException("status", $"must be one of {string.Join(", ", Wire.Names<PaymentStatus>())}.");

        Sql where = $"true";
        if (query.Status is { } status)
            where = Sql.Of($"{where} and status = {status}");
        if (query.Provider is { } provider)
            where = Sql.Of($"{where} and provider = {provider}");

        return TypedResults.Ok(await db.List(query,
            $"id, kind, payable_id, status, provider, method, installments, amount, currency, refunded_amount, checkout_url, failure_code, metadata, created_at, updated_at, payer_id",
            $"payments.payments p", where, "p.id", Sorts, Read, ct));
    }

    private static PaymentDetails Read(NpgsqlDataReader row)
    {
        var currency = row.GetString(8);
        return new(
            row.GetGuid(0), row.GetString(1) == CreatePayment.Order ? row.GetGuid(2) : null, row.GetGuid(15), Wire.Parse<PaymentStatus>(row.GetString(3)), row.GetString(4),
            row.IsDBNull(5) ? null : Wire.Parse<PaymentMethod>(row.GetString(5)), row.IsDBNull(6) ? null : row.GetInt32(6), new(row.GetInt64(7), currency), new(row.GetInt64(9), currency),
            row.IsDBNull(10) ? null : row.GetString(10), row.IsDBNull(11) ? null : row.GetString(11),
            JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(12), Wire.Json)!, row.GetFieldValue<DateTimeOffset>(13), row.GetFieldValue<DateTimeOffset>(14));
    }
}
