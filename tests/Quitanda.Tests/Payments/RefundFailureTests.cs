using System.Net;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>Money that does not go back, goes back without us, or is asked for by a bank.</summary>
public sealed class RefundFailureTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refund_that_the_provider_refuses_says_so_and_can_be_asked_again()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.Paid(ana, total: 1000);
        // The sandbox gives nothing back any more, as an account that was emptied cannot.
        await Refuses(payment);

        var refund = (await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { reason = "Faltou." })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await app.RunJobs();
        var failed = await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}");
        Assert.Equal(("failed", "not_held"), (failed.Status(), failed.GetProperty("failureCode").GetString()));
        // Nothing has gone, so nothing says that it has, and the money can be promised again.
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(0, await app.Count($"select refund_asked_amount from payments.payments where id = {payment}"));

        await Takes(payment);
        Assert.Equal("pending", (await (await staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })).Read(HttpStatusCode.OK)).Status());
        await app.RunJobs();
        Assert.Equal("succeeded", (await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}")).Status());
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
        await staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { }).IsRefused(HttpStatusCode.Conflict, "refund_not_failed");
    }

    [Fact]
    public async Task Twenty_who_ask_a_refused_refund_again_have_it_asked_once()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await Refuses(payment);
        var refund = (await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await app.RunJobs();
        await Takes(payment);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        await app.Later();
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
        Assert.Equal(1000, await app.Count($"select refunded_amount from payments.payments where id = {payment}"));
    }

    [Fact]
    public async Task Money_that_somebody_gave_back_at_the_provider_is_found_once()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 1000);

        var there = new ChargeNews("r", ChargeState.Succeeded) { RefundedAmount = 300 };
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Hear(payment, there)));
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "partially_refunded"), await app.OrderOf(order));

        await Hear(payment, there with { RefundedAmount = 1000 });
        Assert.Equal("refunded", await app.StatusOf(payment));
        var refunds = (await ana.Get($"/api/v1/payments/{payment}/refunds")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal([("provider", 300), ("provider", 700)], refunds.Select(refund => (refund.GetProperty("origin").GetString()!, refund.GetProperty("amount").GetProperty("amount").GetInt32())));
    }

    [Fact]
    public async Task A_refund_of_ours_that_the_provider_counts_before_we_heard_of_it_is_not_found_twice()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 300, currency = "BRL" } })).Read(HttpStatusCode.Created);

        // The provider has done it; our job has not yet been told.
        await Hear(payment, new("r", ChargeState.Succeeded) { RefundedAmount = 300 });
        Assert.Equal("succeeded", await app.StatusOf(payment));
        await app.RunJobs();
        await Hear(payment, new("r", ChargeState.Succeeded) { RefundedAmount = 300 });

        Assert.Equal(300, await app.Count($"select refunded_amount from payments.payments where id = {payment}"));
        Assert.Equal(1, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
    }

    [Theory]
    [InlineData("won", "succeeded", "paid")]
    [InlineData("lost", "refunded", "refunded")]
    public async Task A_dispute_is_open_then_decided_and_an_older_word_does_not_open_it_again(string end, string status, string paymentStatus)
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.Paid(ana, total: 1000);
        var decided = new DisputeNews(end == "won" ? DisputeState.Won : DisputeState.Lost, new Money(1000, "BRL"));
        var open = decided with { State = DisputeState.Open };

        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = open });
        Assert.Equal("disputed", await app.StatusOf(payment));
        Assert.Equal("open", (await ana.Look(payment)).GetProperty("dispute").GetString());
        // A bank has it in its hands: giving it back as well would give it twice.
        await staff.Post($"/api/v1/payments/{payment}/refunds", new { }).IsRefused(HttpStatusCode.Conflict, "refund_exceeds_payment");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Hear(payment, new("r", ChargeState.Succeeded) { Dispute = decided })));
        Assert.Equal(status, await app.StatusOf(payment));
        Assert.Equal(("confirmed", paymentStatus), await app.OrderOf(order));

        // Nobody knows when it was asked for, or it was before the decision: the provider is asked once more, and knows no dispute.
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = open });
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = open, Known = new(1, DisputeState.Open, 1000) });
        await app.RunJobs();
        Assert.Equal(status, await app.StatusOf(payment));
        Assert.Equal(end, (await ana.Look(payment)).GetProperty("dispute").GetString());
    }

    [Fact]
    public async Task A_bank_and_a_refund_on_its_way_never_count_more_than_came_in()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 400, currency = "BRL" } })).Read(HttpStatusCode.Created);
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = new(DisputeState.Open, new Money(1000, "BRL")) });
        await Hear(payment, new("r", ChargeState.Succeeded) { Dispute = new(DisputeState.Lost, new Money(1000, "BRL")) });
        await app.RunJobs();

        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal(1000, await app.Count($"select refunded_amount from payments.payments where id = {payment}"));
        Assert.Equal(1000, await app.Count($"select sum(amount)::bigint from payments.refunds where payment_id = {payment} and status = 'succeeded'"));
    }

    [Fact]
    public async Task Another_amount_than_was_asked_for_is_not_taken()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana, total: 1000);
        foreach (var other in (Money[])[new(999, "BRL"), new(1001, "BRL"), new(1000, "USD")])
            await Hear(payment, new("r", ChargeState.Succeeded) { Amount = other });
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(("pending", "pending"), await app.OrderOf(order));
        // Kept once, however often it is said.
        Assert.Equal(1, await app.Count($"select count(*) from payments.ignored_news where payment_id = {payment} and failure_code = 'amount_differs'"));
    }

    private Task<Payment> Hear(Guid payment, ChargeNews word) => app.InScope(scope => scope.Get<HearProvider>().Hear(payment, word, _ct));

    private Task<int> Refuses(Guid payment) => Stands(payment, "failed");

    private Task<int> Takes(Guid payment) => Stands(payment, "succeeded");

    private Task<int> Stands(Guid payment, string state) => app.WithDb(db => db.Execute(
        $"update payments.sandbox_charges set state = {state} where key = {string.Concat("payment-", payment.ToString("N"))}", _ct));
}
