using System.Net;
using System.Text.Json;
using Npgsql;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>Everything that happens to money is in the books, once, and nothing in them changes.</summary>
public sealed class LedgerTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_that_comes_in_is_a_sale_by_its_parts_and_the_money_at_the_provider()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, goods: 3000, delivery: 600, tip: 100);
        var payment = (await ana.Pay(order)).GetProperty("id").GetGuid();
        Assert.Empty(await Lines(payment));
        await ana.Settle(payment, "succeed");

        Assert.Equal(
            ["received provider_clearing 3700 BRL", "received receivable -3700 BRL", "sale delivery -600 BRL", "sale receivable 3700 BRL", "sale sales -3000 BRL", "sale tips -100 BRL"],
            await Lines(payment), StringComparer.Ordinal);

        var entry = (await Entries($"paymentId={payment}&account=sales")).Single();
        Assert.Equal($"payment:{payment}:sale", entry.GetProperty("key").GetString());
        Assert.Equal("sandbox", entry.GetProperty("provider").GetString());
        Assert.Equal(app.Clock.GetUtcNow(), entry.GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Money_that_nothing_took_is_owed_back_and_goes()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana, total: 990);
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await ana.Settle(payment, "succeed");
        Assert.Equal(["surplus provider_clearing 990 BRL", "surplus surplus -990 BRL"], await Lines(payment), StringComparer.Ordinal);

        await app.Later();
        Assert.Equal(
            ["refund provider_clearing -990 BRL", "refund surplus 990 BRL", "surplus provider_clearing 990 BRL", "surplus surplus -990 BRL"], await Lines(payment), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("BRL")]
    [InlineData("USD")]
    [InlineData("JPY")]
    public async Task A_fee_is_written_once_in_whichever_currency_the_provider_keeps_it(string currency)
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        for (var time = 0; time < 3; time++)
            await app.Says(ana, payment, news => news with { Fee = new(39, currency) });
        Assert.Equal([$"fee fees 39 {currency}", $"fee provider_clearing -39 {currency}"], (await Lines(payment)).Where(line => line.StartsWith("fee", StringComparison.Ordinal)), StringComparer.Ordinal);

        // Nothing is no fee, and an empty transaction would not be taken.
        var (_, free) = await app.Paid(ana, total: 1000);
        await app.Says(ana, free, news => news with { Fee = new(0, currency) });
        Assert.DoesNotContain(await Lines(free), line => line.StartsWith("fee", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refunds_take_back_in_thirds_exactly_what_the_sale_gave()
    {
        var (ana, staff, owner) = (await app.Somebody(), await app.Somebody(Roles.Staff), Guid.CreateVersion7());
        var payment = await app.Paid(ana, Split(("sales", 400), ("discounts", -50), (string.Concat("owner_payable:", owner.ToString("D")), 583), ("platform_commission", 67)));
        Assert.Equal(owner, (await Entries($"paymentId={payment}&account=owner_payable")).Single().GetProperty("partyId").GetGuid());

        foreach (var amount in (long[])[333, 333, 334])
            await app.Refund(staff, payment, amount);

        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal(3, (await Entries($"paymentId={payment}&limit=100")).Where(entry => entry.GetProperty("kind").GetString() == "refund").Select(entry => entry.GetProperty("transactionId").GetGuid()).Distinct().Count());
        Assert.Equal(
            new Dictionary<string, long>(StringComparer.Ordinal)
            {
                ["sales"] = -400,
                ["discounts"] = 50,
                ["refunds"] = 350,
                ["owner_payable"] = 0,
                ["platform_commission"] = 0,
                ["provider_clearing"] = 0,
                ["receivable"] = 0,
            },
            await Balances(payment));
        Assert.Equal([195, 194, 194], (await Entries($"paymentId={payment}&account=owner_payable")).Select(entry => entry.GetProperty("amount").GetInt64()).Where(amount => amount > 0).OrderDescending());
    }

    [Fact]
    public async Task What_went_back_at_the_provider_is_written_as_any_refund()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { RefundedAmount = 250 });
        Assert.Equal(["refund provider_clearing -250 BRL", "refund refunds 250 BRL"], (await Lines(payment)).Where(line => line.StartsWith("refund", StringComparison.Ordinal)), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_dispute_moves_money_aside_and_back_when_it_is_won()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(600, "BRL")) });
        var open = await Balances(payment);
        Assert.Equal((600, 400), (open["disputes"], open["provider_clearing"]));

        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Won, new(600, "BRL")) });
        var won = await Balances(payment);
        Assert.Equal((0, 1000), (won["disputes"], won["provider_clearing"]));
        Assert.DoesNotContain("refunds", won);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dispute_that_is_lost_takes_back_what_was_left_and_the_rest_is_the_shops_loss(bool isHeardWhileOpen)
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var payment = await app.Paid(ana, Split(("sales", 500), ("owner_payable", 500)));
        await app.Refund(staff, payment, 300);
        if (isHeardWhileOpen)
            await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(1000, "BRL")) });
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Lost, new(1000, "BRL")) });

        var lost = await Balances(payment);
        Assert.Equal("refunded", await app.StatusOf(payment));
        // 300 went back twice: once by us, and once by the bank.
        Assert.Equal((0, -300, 800, 0, -500), (lost["disputes"], lost["provider_clearing"], lost["refunds"], lost["owner_payable"], lost["sales"]));
        Assert.Equal(4, (await Lines(payment)).Count(line => line.StartsWith("dispute_", StringComparison.Ordinal) && !line.Contains("owner", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Money_taken_by_hand_is_written_the_same_way()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, 1500, Quitanda.Ordering.Orders.PaymentMethod.Manual);
        var payment = (await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "manual", method = "cash" })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        foreach (var _ in (int[])[1, 2])
            await (await staff.Client.PostAsync($"/api/v1/payments/{payment}/receive", null, _ct)).Read(HttpStatusCode.OK);
        await app.Refund(staff, payment, 500);

        Assert.Equal(
            ["received provider_clearing 1500 BRL", "received receivable -1500 BRL", "refund provider_clearing -500 BRL", "refund refunds 500 BRL", "sale receivable 1500 BRL", "sale sales -1500 BRL"],
            await Lines(payment), StringComparer.Ordinal);
        Assert.All(await Entries($"paymentId={payment}"), entry => Assert.Equal("manual", entry.GetProperty("provider").GetString()));
    }

    [Fact]
    public async Task The_same_happening_fifty_times_at_once_is_written_once()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana, total: 800);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.InScope(async scope =>
        {
            // Straight to the books: nobody in front of them says that it was done before.
            var paid = await scope.Get<Db>().ReadFirst($"select amount from payments.payments where id = {payment}", row => row.GetInt64(0), _ct);
            var found = Payment.Intend("order", Guid.CreateVersion7(), new(ana.Id, new(paid, "BRL"), Split(("sales", paid)), MayBePaid: true, WhyNot: null), "sandbox", new(null, null, null, null), app.Clock.GetUtcNow());
            typeof(Payment).GetProperty(nameof(Payment.Id))!.SetValue(found, payment);
            found.Succeed(new("r", ChargeState.Succeeded), app.Clock.GetUtcNow());
            scope.Get<Books>().CameIn(found, app.Clock.GetUtcNow());
            return true;
        })));
        Assert.Equal(4, (await Lines(payment)).Count);
    }

    [Theory]
    [InlineData("update payments.ledger_entries set amount = amount + 1")]
    [InlineData("update payments.ledger_transactions set kind = 'fee'")]
    [InlineData("update payments.ledger_accounts set kind = 'asset'")]
    [InlineData("delete from payments.ledger_entries")]
    [InlineData("delete from payments.ledger_transactions")]
    [InlineData("delete from payments.ledger_accounts where code = 'tips'")]
    [InlineData("truncate payments.ledger_entries")]
    [InlineData("truncate payments.ledger_transactions cascade")]
    public async Task The_database_refuses_to_change_the_books(string statement)
    {
        await app.Paid(await app.Somebody());
        var error = await Assert.ThrowsAsync<PostgresException>(() => app.WithDb(db => db.Execute(Sql.Raw(statement), _ct)));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
    }

    [Theory]
    [InlineData("ledger_transaction_is_not_empty")]
    [InlineData("ledger_transaction_balances", "sales -100 BRL", "receivable 99 BRL")]
    [InlineData("ledger_transaction_balances", "sales -100 BRL", "receivable 100 USD")]
    [InlineData("ledger_transaction_balances", "sales 100 BRL")]
    [InlineData("ledger_entries_amount_check", "sales 0 BRL")]
    [InlineData("ledger_entries_account_fkey", "pocket 100 BRL", "sales -100 BRL")]
    public async Task The_database_takes_no_transaction_that_does_not_balance(string constraint, params string[] lines)
    {
        var before = await app.Count($"select count(*) from payments.ledger_transactions");
        var error = await Assert.ThrowsAsync<PostgresException>(() => Insert(lines));
        Assert.Equal(constraint, error.ConstraintName);
        Assert.Equal(before, await app.Count($"select count(*) from payments.ledger_transactions"));
    }

    [Fact]
    public async Task Nobody_adds_to_a_transaction_later_so_that_it_does_not_balance()
    {
        var id = await Insert("sales -100 BRL", "receivable 100 BRL");
        var error = await Assert.ThrowsAsync<PostgresException>(() => app.WithDb(db => db.Execute(
            $"insert into payments.ledger_entries (id, transaction_id, position, account, amount, currency, at) select {Guid.CreateVersion7()}, id, 3, 'sales', 1, 'BRL', at from payments.ledger_transactions where id = {id}", _ct)));
        Assert.Equal("ledger_transaction_balances", error.ConstraintName);
    }

    [Fact]
    public async Task The_table_of_accounts_and_the_code_say_the_same() =>
        Assert.Equal(LedgerAccounts.All, await app.WithDb(db => db.Read($"select code from payments.ledger_accounts order by position", row => row.GetString(0), _ct)), StringComparer.Ordinal);

    [Fact]
    public async Task Nobody_is_asked_to_pay_what_could_not_be_written()
    {
        var ana = await app.Somebody();
        foreach (var split in (IReadOnlyDictionary<string, long>[])[Split(("sales", 999)), Split(("sales", 900), ("pocket", 100)), Split(("owner_payable:me", 1000)), Split()])
            Assert.Throws<InvalidOperationException>(() => Payment.Intend(
                "order", Guid.CreateVersion7(), new(ana.Id, new(1000, "BRL"), split, MayBePaid: true, WhyNot: null), "sandbox", new(null, null, null, null), app.Clock.GetUtcNow()));
    }

    internal static Dictionary<string, long> Split(params (string Account, long Amount)[] parts) => parts.ToDictionary(part => part.Account, part => part.Amount, StringComparer.Ordinal);

    private async Task<IReadOnlyList<JsonElement>> Entries(string query) => [.. (await (await app.Somebody(Roles.Admin)).Get($"/api/v1/ledger/entries?{query}")).GetProperty("data").EnumerateArray()];

    private async Task<List<string>> Lines(Guid payment) => [.. (await Entries($"paymentId={payment}&limit=100"))
        .Select(entry => $"{entry.GetProperty("kind").GetString()} {entry.GetProperty("account").GetString()} {entry.GetProperty("amount").GetInt64()} {entry.GetProperty("currency").GetString()}").Order(StringComparer.Ordinal)];

    private async Task<Dictionary<string, long>> Balances(Guid payment) => (await Entries($"paymentId={payment}&limit=100"))
        .GroupBy(entry => entry.GetProperty("account").GetString()!, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Sum(entry => entry.GetProperty("amount").GetInt64()), StringComparer.Ordinal);

    private Task<Guid> Insert(params string[] lines) => app.WithDb(async db =>
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await db.Execute($"insert into payments.ledger_transactions (id, key, kind, at) values ({id}, {id.ToString()}, 'sale', {now})", _ct);
        foreach (var (at, line) in lines.Index())
            if (line.Split(' ') is [var account, var amount, var currency])
                await db.Execute(
                    $"insert into payments.ledger_entries (id, transaction_id, position, account, amount, currency, at) values ({Guid.CreateVersion7()}, {id}, {at + 1}, {account}, {long.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)}, {currency}, {now})", _ct);
        return id;
    });
}
