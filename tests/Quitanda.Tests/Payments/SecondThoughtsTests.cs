using System.Net;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>What a provider says that was not the last word: refunds that come back, payers who try again, events that nobody could handle.</summary>
public sealed class SecondThoughtsTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refund_that_went_and_did_not_arrive_is_failed_and_can_be_sent_again()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.Paid(ana, total: 1000);
        var refund = (await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 333, currency = "BRL" } })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await app.RunJobs();
        Assert.Equal(("confirmed", "partially_refunded"), await app.OrderOf(order));
        Assert.Equal(667, await Clearing(payment));

        // The bank sends it back, days later; the provider's word of the charge says that less has gone.
        await app.WithDb(db => db.Execute($"update payments.sandbox_refunds set bounced = true where reference = (select provider_reference from payments.payments where id = {payment})", _ct));
        await app.WithDb(db => db.Execute($"update payments.sandbox_charges set refunded_amount = 0 where key = {KeyOf(payment)}", _ct));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => staff.Post($"/api/v1/payments/{payment}/refresh", new { })));
        await app.RunJobs();

        var bounced = await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}");
        Assert.Equal(("failed", "returned"), (bounced.Status(), bounced.GetProperty("failureCode").GetString()));
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1000, await Clearing(payment));

        await (await staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })).Read(HttpStatusCode.OK);
        await app.RunJobs();
        Assert.Equal("succeeded", (await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}")).Status());
        Assert.Equal(("confirmed", "partially_refunded"), await app.OrderOf(order));
        Assert.Equal(667, await Clearing(payment));
        Assert.Equal(0, await app.Count($"select coalesce(sum(amount), 0)::bigint from payments.ledger_entries"));
    }

    [Fact]
    public async Task A_word_older_than_a_refund_does_not_undo_it()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { })).Read(HttpStatusCode.Created);
        await app.RunJobs();

        await app.InScope(scope => scope.Get<HearProvider>().Hear(payment, new("r", ChargeState.Succeeded) { RefundedAmount = 0 }, _ct));
        await app.RunJobs();

        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
    }

    [Fact]
    public async Task A_payer_who_was_refused_and_pays_after_all_is_found_without_an_event()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);
        await (await ana.Post($"/api/v1/sandbox/payments/{payment}/fail", new { })).Read(HttpStatusCode.OK);
        await PayAtProvider(payment);

        app.Clock.Advance(TimeSpan.FromMinutes(16));
        await Tick();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_refused_payment_of_a_cancelled_order_ends_at_the_provider()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);
        await (await ana.Post($"/api/v1/sandbox/payments/{payment}/fail", new { })).Read(HttpStatusCode.OK);
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.RunJobs();

        Assert.Equal("cancelled", Assert.Single(await app.Charges(payment)).State);
    }

    [Fact]
    public async Task Who_wants_to_pay_in_another_way_calls_the_first_one_off()
    {
        var (ana, bea) = (await app.Somebody(), await app.Somebody());
        var (order, payment) = await app.Pending(ana);
        await ana.AskToPay(order).IsRefused(HttpStatusCode.Conflict, "payment_in_progress");
        await bea.Post($"/api/v1/payments/{payment}/cancel", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ana.Post($"/api/v1/payments/{payment}/cancel", new { })));
        foreach (var answer in answers)
            Assert.Equal("cancelled", (await answer.Read(HttpStatusCode.OK)).Status());
        var other = (await ana.Pay(order)).GetProperty("id").GetGuid();
        await app.RunJobs();

        Assert.Equal("cancelled", Assert.Single(await app.Charges(payment)).State);
        await ana.Settle(other, "succeed");
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        await ana.Post($"/api/v1/payments/{other}/cancel", new { }).IsRefused(HttpStatusCode.Conflict, "payment_closed");
    }

    [Fact]
    public async Task An_event_whose_job_gave_up_is_taken_up_again()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana);
        await PayAtProvider(payment);
        await app.WithDb(db => db.Execute(
            $"""
            insert into payments.webhook_events (id, provider, event_id, type, subject, body, state, received_at)
            select gen_random_uuid(), 'sandbox', 'evt_given_up', 'charge.succeeded', provider_reference, ''::bytea, 'received', {app.Clock.GetUtcNow()} from payments.payments where id = {payment}
            """, _ct));
        // Dead, it keeps its key: the same event again would make no other.
        await app.WithDb(db => db.Execute($"insert into platform.jobs (kind, payload, state, run_at, attempts, unique_key) values ('payments.handle-webhook', 'null', 'dead', {app.Clock.GetUtcNow()}, 12, 'payments.handle-webhook:sandbox:evt_given_up')", _ct));

        app.Clock.Advance(TimeSpan.FromHours(2));
        await Tick();
        Assert.Equal("handled", await app.WithDb(db => db.ReadFirst($"select state from payments.webhook_events where event_id = 'evt_given_up'", row => row.GetString(0), _ct)));
        Assert.Equal("succeeded", await app.StatusOf(payment));
        await app.WithDb(db => db.Execute($"delete from platform.jobs where state = 'dead'", _ct));
    }

    [Fact]
    public async Task Money_that_came_in_is_asked_after_once_a_week()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana, total: 1000);
        // Given back in the provider's own pages, and its event never came.
        await app.WithDb(db => db.Execute($"update payments.sandbox_charges set refunded_amount = 400 where key = {KeyOf(payment)}", _ct));

        await AskedBefore(payment, TimeSpan.FromDays(6));
        Assert.Equal("succeeded", await app.StatusOf(payment));
        await AskedBefore(payment, TimeSpan.FromDays(8));
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
    }

    private async Task AskedBefore(Guid payment, TimeSpan ago)
    {
        await app.WithDb(db => db.Execute($"update payments.payments set asked_at = {app.Clock.GetUtcNow() - ago} where id = {payment}", _ct));
        await Tick();
    }

    private static string KeyOf(Guid payment) => $"payment-{payment:N}";

    private Task<long> Clearing(Guid payment) => app.Count(
        $"select coalesce(sum(e.amount), 0)::bigint from payments.ledger_transactions t join payments.ledger_entries e on e.transaction_id = t.id where t.payment_id = {payment} and e.account = 'provider_clearing'");

    private Task<ChargeNews> PayAtProvider(Guid payment) => app.Services.Get<SandboxProvider>().Settle(KeyOf(payment), SandboxOutcome.Succeed, code: null, _ct);

    private async Task Tick()
    {
        await app.InScope(async scope =>
        {
            await scope.Get<Reconcile>().Handle(new(app.Clock.GetUtcNow()), _ct);
            return true;
        });
        await app.RunJobs();
    }
}
