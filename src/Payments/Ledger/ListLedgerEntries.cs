using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>Lists the lines of the ledger, each with its transaction, the newest first. None was ever changed or deleted.</summary>
internal static class ListLedgerEntries
{
    private static readonly SortField[] Sorts = [new("-at", "e.at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only of this account, by its code.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Account { get; init; }

        /// <summary>Only of this payment.</summary>
        public Guid? PaymentId { get; init; }

        /// <summary>Only what is owed to this one.</summary>
        public Guid? PartyId { get; init; }

        /// <summary>Only in this currency.</summary>
        [Currency]
        public string? Currency { get; init; }

        /// <summary>Only from this moment on.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Only before this moment.</summary>
        public DateTimeOffset? To { get; init; }
    }

    /// <summary>A line of the ledger.</summary>
    /// <param name="Id">Of the line.</param>
    /// <param name="TransactionId">The lines of one transaction were written together and sum to nothing.</param>
    /// <param name="Key">What happened, by a key that it has once.</param>
    /// <param name="Kind">What kind of happening it was.</param>
    /// <param name="Position">The line's place in its transaction, from 1.</param>
    /// <param name="Account">The account's code.</param>
    /// <param name="PartyId">To whom it is owed, on <c>owner_payable</c>, where that is known.</param>
    /// <param name="Amount">Minor units; a debit is positive, a credit negative.</param>
    /// <param name="Currency">Of the amount.</param>
    /// <param name="PaymentId">The payment that it is about.</param>
    /// <param name="RefundId">The refund that it is about.</param>
    /// <param name="Provider">Who took the money.</param>
    /// <param name="At">When it was written.</param>
    [SchemaId("LedgerEntry")]
    internal sealed record Entry(
        Guid Id, Guid TransactionId, string Key, PostingKind Kind, int Position, string Account, Guid? PartyId, long Amount, string Currency, Guid? PaymentId, Guid? RefundId, string? Provider, DateTimeOffset At);

    public static async Task<Ok<Page<Entry>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        if (query.Account is not null && !LedgerAccounts.All.Contains(query.Account, StringComparer.Ordinal))
            throw new InvalidException("account", $"must be one of {string.Join(", ", LedgerAccounts.All)}.");

        Sql where = $"true";
        if (query.Account is { } account)
            where = Sql.Of($"{where} and e.account = {account}");
        if (query.PaymentId is { } payment)
            where = Sql.Of($"{where} and t.payment_id = {payment}");
        if (query.PartyId is { } party)
            where = Sql.Of($"{where} and e.party_id = {party}");
        if (query.Currency is { } currency)
            where = Sql.Of($"{where} and e.currency = {currency}");
        if (query.From is { } from)
            where = Sql.Of($"{where} and e.at >= {from.ToUniversalTime()}");
        if (query.To is { } to)
            where = Sql.Of($"{where} and e.at < {to.ToUniversalTime()}");

        return TypedResults.Ok(await db.List(query,
            $"e.id, t.id, t.key, t.kind, e.position, e.account, e.party_id, e.amount, e.currency, t.payment_id, t.refund_id, t.provider, e.at",
            $"payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id", where, "e.id", Sorts,
            row => new Entry(
                row.GetGuid(0), row.GetGuid(1), row.GetString(2), Wire.Parse<PostingKind>(row.GetString(3)), row.GetInt32(4), row.GetString(5), row.IsDBNull(6) ? null : row.GetGuid(6), row.GetInt64(7),
                row.GetString(8), row.IsDBNull(9) ? null : row.GetGuid(9), row.IsDBNull(10) ? null : row.GetGuid(10), row.IsDBNull(11) ? null : row.GetString(11), row.GetFieldValue<DateTimeOffset>(12)), ct));
    }
}
