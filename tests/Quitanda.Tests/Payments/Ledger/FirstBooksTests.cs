using Npgsql;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>A database that had payments before it had books.</summary>
public sealed class FirstBooksTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_had_happened_before_is_written_as_it_would_have_been()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        await app.Pending(ana);
        var delivered = (await ana.Pay(await app.Order(ana, goods: 3000, delivery: 600, tip: 100))).GetProperty("id").GetGuid();
        await ana.Settle(delivered, "succeed");
        var (_, refunded) = await app.Paid(ana, total: 1000);
        await app.Refund(staff, refunded, 300);
        await app.Refund(staff, refunded, 700);
        var (order, turnedAway) = await app.Pending(ana, total: 990);
        await PaymentsApp.CancelOrder(ana, order);
        await ana.Settle(turnedAway, "succeed");
        await app.RunJobs();
        // A split of which nobody knows all: what it does not explain is sales.
        await app.Paid(ana, LedgerTests.Split(("sales", 400), ("discounts", -50), ("tips", 10)));

        // A transaction that is never committed: the books are thrown away and made once more.
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(_ct);
        await using var transaction = await connection.BeginTransactionAsync(_ct);
        var lived = await Books(connection);
        Assert.True(lived.Count > 15);
        await Run(connection, """
            drop table payments.ledger_entries, payments.ledger_transactions, payments.ledger_accounts;
            drop function payments.refuse_change(), payments.check_ledger_transaction(), payments.check_ledger_entry(), payments.require_balance(uuid);
            """);
        await Run(connection, Migration());
        // What is asked at the commit, now.
        await Run(connection, "set constraints all immediate");
        Assert.Equal(lived, await Books(connection), StringComparer.Ordinal);
    }

    private async Task<List<string>> Books(NpgsqlConnection connection)
    {
        List<string> lines = [];
        await using var select = new NpgsqlCommand("""
            select t.payment_id || ' ' || t.kind || ' ' || coalesce(t.refund_id::text, '') || ' ' || t.provider || ' ' || e.account || ' ' || e.amount || ' ' || e.currency || ' ' || t.key || ' ' || t.at
            from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id order by 1
            """, connection);
        await using var reader = await select.ExecuteReaderAsync(_ct);
        while (await reader.ReadAsync(_ct))
            lines.Add(reader.GetString(0));
        return lines;
    }

    private async Task Run(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The text is our own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(_ct);
    }

    private static string Migration()
    {
        using var reader = new StreamReader(typeof(PaymentsModule).Assembly.GetManifestResourceStream("0006_ledger.sql")!);
        return reader.ReadToEnd();
    }
}
