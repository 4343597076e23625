using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>Disputes that were decided and were not over: opened again, or decided otherwise.</summary>
public sealed class SecondDisputeTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_round_is_followed_and_written_into_the_books_once()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 1000);
        // What the provider says, and then: status, order, refunded, clearing, disputes, refunds.
        (DisputeState State, long Amount, string Is)[] rounds =
        [
            (DisputeState.Open, 600, "disputed paid 0 400 600 0"), (DisputeState.Won, 600, "succeeded paid 0 1000 0 0"),
            (DisputeState.Open, 1000, "disputed paid 0 0 1000 0"), (DisputeState.Lost, 1000, "refunded refunded 1000 0 0 1000"),
            (DisputeState.Won, 1000, "succeeded paid 0 1000 0 0"), (DisputeState.Lost, 400, "partially_refunded partially_refunded 400 600 0 400"),
            (DisputeState.Open, 1000, "disputed paid 0 0 1000 0"), (DisputeState.Lost, 400, "partially_refunded partially_refunded 400 600 0 400"),
            (DisputeState.Lost, 700, "partially_refunded partially_refunded 700 300 0 700"), (DisputeState.Won, 1000, "succeeded paid 0 1000 0 0"),
        ];
        foreach (var (state, amount, expected) in rounds)
        {
            app.Words[payment] = news => news with { Dispute = new(state, new(amount, "BRL")) };
            // Several at once, and once more: whoever asked before the others were heard changes nothing.
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Ask(ana, payment)));
            await Ask(ana, payment);
            await app.RunJobs();
            Assert.Equal(expected, await Stands(order, payment));
        }

        var keys = await app.WithDb(db => db.Read($"select replace(key, {payment.ToString()}, 'ID') from payments.ledger_transactions where payment_id = {payment} and kind like 'dispute%' order by key", row => row.GetString(0), _ct));
        Assert.Equal(
            [
                "payment:ID:dispute_lost:2", "payment:ID:dispute_lost:4", "payment:ID:dispute_lost:6", "payment:ID:dispute_lost:7", "payment:ID:dispute_opened", "payment:ID:dispute_opened:2",
                "payment:ID:dispute_opened:3", "payment:ID:dispute_opened:4", "payment:ID:dispute_opened:5", "payment:ID:dispute_opened:6", "payment:ID:dispute_opened:7", "payment:ID:dispute_opened:8",
                "payment:ID:dispute_won", "payment:ID:dispute_won:3", "payment:ID:dispute_won:8",
            ],
            keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(0, await app.Count($"select count(*) from payments.ignored_news where payment_id = {payment}"));
    }

    [Fact]
    public async Task A_word_that_was_asked_for_before_another_was_heard_turns_nothing()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(1000, "BRL")) });
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Won, new(1000, "BRL")) });

        // The provider was asked while it was open, and its answer took its time.
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = new(DisputeState.Open, new(1000, "BRL")), Known = new(1, DisputeState.Open, 1000) });
        Assert.Equal("succeeded", await app.StatusOf(payment));
        // Asked since, it says that it is open again.
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = new(DisputeState.Open, new(1000, "BRL")), Known = new(1, DisputeState.Won, 1000) });
        Assert.Equal("disputed", await app.StatusOf(payment));
        // The first round's end does not decide the second.
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = new(DisputeState.Won, new(1000, "BRL")), Known = new(1, DisputeState.Open, 1000) });
        Assert.Equal("disputed", await app.StatusOf(payment));
        // Whoever was set aside has the provider asked again: it says won by now.
        await app.RunJobs();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(1000, await Sum(payment, "provider_clearing"));
    }

    [Fact]
    public async Task A_round_that_was_written_before_there_were_rounds_keeps_its_keys()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Lost, new(1000, "BRL")) });
        Assert.Equal(2, await app.Count($"select count(*) from payments.ledger_transactions where key = any({new[] { $"payment:{payment}:dispute_opened", $"payment:{payment}:dispute_lost" }})"));
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Won, new(1000, "BRL")) });
        Assert.Equal(2, await app.Count($"select count(*) from payments.ledger_transactions where key = any({new[] { $"payment:{payment}:dispute_opened:2", $"payment:{payment}:dispute_won:2" }})"));
        Assert.Equal(1000, await Sum(payment, "provider_clearing"));
    }

    [Fact]
    public async Task What_a_bank_gave_back_of_a_cancelled_order_goes_back_to_its_payer()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(1000, "BRL")) });
        await (await PaymentsApp.CancelOrder(ana, order)).Read(System.Net.HttpStatusCode.OK);
        await app.RunJobs();
        Assert.Equal("disputed", await app.StatusOf(payment));
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Won, new(1000, "BRL")) });
        await app.RunJobs();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
    }

    [Fact]
    public async Task A_lost_dispute_that_was_turned_is_no_refund_that_could_be_asked_again()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Lost, new(1000, "BRL")) });
        await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Won, new(1000, "BRL")) });
        var refund = Assert.Single((await staff.Get($"/api/v1/payments/{payment}/refunds")).GetProperty("data").EnumerateArray());
        Assert.Equal(("failed", "dispute_turned", "dispute"), (refund.Status(), refund.GetProperty("failureCode").GetString(), refund.GetProperty("origin").GetString()));
        await staff.Post($"/api/v1/payments/{payment}/refunds/{refund.GetProperty("id").GetGuid()}/retry", new { }).IsRefused(System.Net.HttpStatusCode.Conflict, "refund_not_failed");
        // All of it can be given back.
        app.Words.TryRemove(payment, out _);
        await app.Refund(staff, payment);
        Assert.Equal("refunded", await app.StatusOf(payment));
    }

    private Task<HttpResponseMessage> Ask(Person who, Guid payment) => who.Client.PostAsync($"/api/v1/payments/{payment}/refresh", null, _ct);

    private Task<Payment> Hear(Guid payment, ChargeNews word) => app.InScope(scope => scope.Get<HearProvider>().Hear(payment, word, _ct));

    private async Task<string> Stands(Guid order, Guid payment) =>
        $"{await app.StatusOf(payment)} {(await app.OrderOf(order)).PaymentStatus} {await app.Count($"select refunded_amount from payments.payments where id = {payment}")} {await Sum(payment, "provider_clearing")} {await Sum(payment, "disputes")} {await Sum(payment, "refunds")}";

    private Task<long> Sum(Guid payment, string account) => app.Count(
        $"select coalesce(sum(e.amount), 0)::bigint from payments.ledger_transactions t join payments.ledger_entries e on e.transaction_id = t.id where t.payment_id = {payment} and e.account = {account}");
}
