using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>Shows the accounts with what was debited and credited, by currency: a trial balance. Its totals are the same on both sides, always.</summary>
internal static class ShowTrialBalance
{
    internal sealed record Query
    {
        /// <summary>How it stood at this moment, what happened at it included; without it, as it stands now.</summary>
        public DateTimeOffset? At { get; init; }
    }

    /// <param name="At">The moment that was asked for; null for now.</param>
    /// <param name="Data">Every account, also one that nothing has been written to.</param>
    /// <param name="Totals">All accounts together, by currency: what was debited is what was credited.</param>
    internal sealed record Response(DateTimeOffset? At, IReadOnlyList<AccountDetails> Data, IReadOnlyList<Balance> Totals);

    /// <summary>An account.</summary>
    /// <param name="Code">Its name, which never changes.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Balances">How it stands, by currency.</param>
    [SchemaId("LedgerAccount")]
    internal sealed record AccountDetails([Impersonal] string Code, AccountKind Kind, IReadOnlyList<Balance> Balances);

    /// <summary>What was written in one currency.</summary>
    /// <param name="Currency">Of the amounts.</param>
    /// <param name="Debit">All debits, in minor units.</param>
    /// <param name="Credit">All credits, in minor units.</param>
    /// <param name="Amount">Debits less credits.</param>
    [SchemaId("LedgerBalance")]
    internal sealed record Balance([Impersonal] string Currency, long Debit, long Credit, long Amount);

    public static async Task<Ok<Response>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        var until = query.At is { } at ? Sql.Of($" and e.at <= {at.ToUniversalTime()}") : Sql.Nothing;
        List<(string Code, AccountKind Kind, Balance? Balance)> rows = [];
        await db.ReadingPlanned(
            [$"""
            select a.code, a.kind, e.currency, sum(e.amount) filter (where e.amount > 0)::bigint, -sum(e.amount) filter (where e.amount < 0)::bigint
            from payments.ledger_accounts a left join payments.ledger_entries e on e.account = a.code{until}
            group by a.code, e.currency order by a.position, e.currency
            """],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                    rows.Add((reader.GetString(0), Wire.Parse<AccountKind>(reader.GetString(1)), reader.IsDBNull(2)
                        ? null
                        : Sum(reader.GetString(2), reader.IsDBNull(3) ? 0 : reader.GetInt64(3), reader.IsDBNull(4) ? 0 : reader.GetInt64(4))));
            }, ct);

        var accounts = rows.GroupBy(row => (row.Code, row.Kind)).Select(account => new AccountDetails(account.Key.Code, account.Key.Kind, [.. account.Select(row => row.Balance).OfType<Balance>()]));
        var totals = rows.Select(row => row.Balance).OfType<Balance>().GroupBy(balance => balance.Currency, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal)
            .Select(same => Sum(same.Key, same.Sum(balance => balance.Debit), same.Sum(balance => balance.Credit)));
        return TypedResults.Ok(new Response(query.At?.ToUniversalTime(), [.. accounts], [.. totals]));
    }

    private static Balance Sum(string currency, long debit, long credit) => new(currency, debit, credit, debit - credit);
}
