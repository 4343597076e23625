using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>Whatever differs between providers, payments, orders and the books is named, once, with what to do about it.</summary>
public sealed class DriftTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Money_at_the_provider_that_nobody_asked_for()
    {
        var stranger = Guid.CreateVersion7();
        await Charge(stranger);
        var difference = Assert.Single(await Differences(), found => found.GetProperty("providerReference").GetString() == $"sandbox_{stranger:N}");
        Assert.Equal("charge_unknown", difference.GetProperty("kind").GetString());
        Assert.Equal("1234 BRL", difference.GetProperty("found").GetString());
        Assert.Equal("sandbox", difference.GetProperty("provider").GetString());
    }

    [Fact]
    public async Task A_payment_that_was_paid_twice_at_the_provider()
    {
        var (_, payment) = await app.Paid(await app.Somebody());
        var second = Guid.CreateVersion7();
        await Charge(second);
        app.Words[second] = news => news with { PaymentId = payment };
        var difference = Assert.Single(await DifferencesOf(payment));
        Assert.Equal(("charge_unknown", $"sandbox_{second:N}"), (difference.GetProperty("kind").GetString(), difference.GetProperty("providerReference").GetString()));
    }

    [Fact]
    public async Task Another_amount_than_was_asked_for()
    {
        var (_, payment) = await app.Pending(await app.Somebody(), total: 1000);
        await Sandbox(payment, $"state = 'succeeded', amount = 900");
        await IsNamed(payment, "amount_differs", "1000 BRL", "900 BRL");
    }

    [Fact]
    public async Task Paid_there_and_not_here_is_asked_for_at_once()
    {
        var (order, payment) = await app.Pending(await app.Somebody(), total: 1000);
        await Sandbox(payment, $"state = 'succeeded'");
        await IsNamed(payment, "status_differs", "succeeded", "pending");
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal("paid", (await app.OrderOf(order)).PaymentStatus);
        Assert.Empty(await DifferencesOf(payment));
    }

    [Fact]
    public async Task Paid_here_and_not_there()
    {
        var (_, payment) = await app.Paid(await app.Somebody());
        await Sandbox(payment, $"state = 'open'");
        await IsNamed(payment, "status_differs", "not paid", "succeeded");
    }

    [Fact]
    public async Task A_dispute_that_nobody_here_heard_of()
    {
        var (_, payment) = await app.Paid(await app.Somebody());
        app.Words[payment] = news => news with { Dispute = new(DisputeState.Open, new(1000, "BRL")) };
        await IsNamed(payment, "status_differs", "dispute open", "dispute none");
        Assert.Equal("disputed", await app.StatusOf(payment));
    }

    [Fact]
    public async Task More_went_back_there_and_is_asked_for_at_once()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        await Sandbox(payment, $"refunded_amount = 300");
        await IsNamed(payment, "refunded_differs", "300 BRL", "0 BRL");
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task Less_went_back_there()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        await app.Refund(await app.Somebody(Roles.Staff), payment, 400);
        await Sandbox(payment, $"refunded_amount = 100");
        await IsNamed(payment, "refunded_differs", "100 BRL", "400 BRL");
    }

    [Fact]
    public async Task A_fee_that_is_not_known_here_and_one_that_changed()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        app.Words[payment] = news => news with { Fee = new(39, "USD") };
        await IsNamed(payment, "fee_differs", "39 USD", "none");
        Assert.Empty(await DifferencesOf(payment));
        app.Words[payment] = news => news with { Fee = new(41, "USD") };
        await IsNamed(payment, "fee_differs", "41 USD", "39 USD");
    }

    [Fact]
    public async Task A_payment_that_the_provider_knows_nothing_of()
    {
        var (_, payment) = await app.Paid(await app.Somebody());
        await app.Later();
        await app.WithDb(db => db.Execute($"delete from payments.sandbox_charges where key = {KeyOf(payment)}", _ct));
        await IsNamed(payment, "missing_at_provider", "no payment", "succeeded");
    }

    [Fact]
    public async Task A_payment_of_something_that_is_not_there()
    {
        var (order, payment) = await app.Paid(await app.Somebody());
        await app.WithDb(db => db.Execute($"update payments.payments set payable_id = {Guid.CreateVersion7()} where id = {payment}", _ct));
        var found = await DifferencesOf(payment);
        Assert.Equal(["payable_without_payment", "payment_without_payable"], found.Select(one => one.GetProperty("kind").GetString()!).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(order, found.Single(one => one.GetProperty("kind").GetString() == "payable_without_payment").GetProperty("orderId").GetGuid());
    }

    [Fact]
    public async Task An_order_that_says_that_nobody_paid_it()
    {
        var (order, payment) = await app.Paid(await app.Somebody());
        await Order(order, $"payment_status = 'pending', payment_id = null");
        await IsNamed(payment, "payable_not_paid", $"paid by {payment}", "pending");
    }

    [Fact]
    public async Task An_order_that_says_that_it_was_paid_and_nothing_did()
    {
        var order = await app.Order(await app.Somebody());
        await Order(order, $"payment_status = 'paid'");
        var difference = Assert.Single(await Differences(), found => found.GetProperty("orderId").ValueKind == JsonValueKind.String && found.GetProperty("orderId").GetGuid() == order);
        Assert.Equal(("payable_without_payment", "none"), (difference.GetProperty("kind").GetString(), difference.GetProperty("found").GetString()));
    }

    [Fact]
    public async Task A_cancelled_order_that_keeps_its_money()
    {
        var (order, payment) = await app.Paid(await app.Somebody(), total: 1000);
        await Order(order, $"status = 'cancelled'");
        await IsNamed(payment, "cancelled_not_refunded", "1000 BRL", "0 BRL");
    }

    [Fact]
    public async Task A_refund_that_was_refused_until_it_is_made_good()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        app.Refusals[payment] = new(RefundState.Failed, FailureCode: "balance_too_low");
        var refund = await app.Refund(await app.Somebody(Roles.Staff), payment);
        var difference = await IsNamed(payment, "refund_failed", "succeeded", "failed: balance_too_low");
        Assert.Contains($"POST /api/v1/payments/{payment}/refunds/{refund}/retry", difference.GetProperty("proposedFix").GetString(), StringComparison.Ordinal);

        app.Refusals.TryRemove(payment, out _);
        await app.Refund(await app.Somebody(Roles.Staff), payment);
        Assert.Empty(await DifferencesOf(payment));
    }

    [Fact]
    public async Task A_refund_that_has_been_on_its_way_for_more_than_a_day()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        app.Refusals[payment] = new(RefundState.Pending);
        await app.Refund(await app.Somebody(Roles.Staff), payment, 500);
        Assert.Empty(await DifferencesOf(payment));
        app.Clock.Advance(TimeSpan.FromHours(24));
        await IsNamed(payment, "refund_stuck", "succeeded", "pending");
    }

    [Fact]
    public async Task Books_that_say_something_else_than_the_payment()
    {
        var (_, payment) = await app.Paid(await app.Somebody(), total: 1000);
        await app.WithDb(db => db.Execute($"update payments.payments set fee_amount = 5, fee_currency = 'BRL' where id = {payment}", _ct));
        await IsNamed(payment, "ledger_differs", "995 BRL", "1000 BRL");
    }

    [Fact]
    public async Task Books_that_do_not_balance()
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.WithDb(async db =>
        {
            // Past the triggers, as only the owner of the tables can.
            await db.Execute($"alter table payments.ledger_transactions disable trigger ledger_transaction_balances", _ct);
            await db.Execute($"alter table payments.ledger_entries disable trigger ledger_entry_balances", _ct);
            await db.Execute($"insert into payments.ledger_transactions (id, key, kind, at) values ({id}, {id.ToString()}, 'fee', {now})", _ct);
            await db.Execute($"insert into payments.ledger_entries (id, transaction_id, position, account, amount, currency, at) values ({id}, {id}, 1, 'fees', 7, 'KWD', {now})", _ct);
            await db.Execute($"alter table payments.ledger_transactions enable trigger ledger_transaction_balances", _ct);
            return await db.Execute($"alter table payments.ledger_entries enable trigger ledger_entry_balances", _ct);
        });
        var difference = Assert.Single(await Differences(), found => found.GetProperty("kind").GetString() == "ledger_unbalanced");
        Assert.Equal(("0 KWD", "7 KWD"), (difference.GetProperty("expected").GetString(), difference.GetProperty("found").GetString()));
    }

    [Fact]
    public async Task An_event_of_a_payment_that_nobody_knows()
    {
        var id = Guid.CreateVersion7();
        await app.WithDb(db => db.Execute($"""
            insert into payments.webhook_events (id, provider, event_id, type, subject, state, received_at) values ({id}, 'sandbox', {id.ToString()}, 'charge.succeeded', {id.ToString("N")}, 'parked', {app.Clock.GetUtcNow()})
            """, _ct));
        var difference = Assert.Single(await Differences(), found => found.GetProperty("providerReference").GetString() == id.ToString("N"));
        Assert.Equal("event_parked", difference.GetProperty("kind").GetString());
        Assert.Contains($"/webhook-events/{id}/replay", difference.GetProperty("proposedFix").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_named_as_not_compared_and_nothing_is_missing_there()
    {
        var (_, payment) = await app.Paid(await app.Somebody());
        await app.Later();
        await app.WithDb(db => db.Execute($"delete from payments.sandbox_charges where key = {KeyOf(payment)}", _ct));
        app.ListFails = () => new ProviderUnavailableException("sandbox did not answer.");
        try
        {
            var begun = await Start();
            await app.RunJobs();
            Assert.Equal(JsonValueKind.Null, (await Read()).GetProperty("finishedAt").ValueKind);
            app.Clock.Advance(TimeSpan.FromHours(2));
            await app.RunJobs();

            var report = await Read();
            Assert.Equal(begun.GetProperty("id").GetGuid(), report.GetProperty("id").GetGuid());
            Assert.Equal(JsonValueKind.String, report.GetProperty("finishedAt").ValueKind);
            Assert.False(Assert.Single(report.GetProperty("compared").GetProperty("providers").EnumerateArray()).GetProperty("isComplete").GetBoolean());
            Assert.DoesNotContain(report.GetProperty("differences").EnumerateArray(), found => Concerns(found, payment));
        }
        finally
        {
            app.ListFails = null;
        }
    }

    [Fact]
    public async Task Twenty_who_ask_at_once_get_one_report()
    {
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        var admin = await app.Somebody(Roles.Admin);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted)));
        Assert.Single(answers.Select(answer => answer.GetProperty("id").GetGuid()).Distinct());
        await app.RunJobs();
        Assert.Equal(JsonValueKind.String, (await Read()).GetProperty("finishedAt").ValueKind);
    }

    [Fact]
    public async Task Each_day_has_its_report_however_many_processes_there_are()
    {
        var runner = app.Services.GetRequiredService<JobRunner>();
        app.Clock.Advance(TimeSpan.FromDays(1));
        await Task.WhenAll(runner.EnsureTimers(_ct), runner.EnsureTimers(_ct));
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(1);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await Task.WhenAll(app.RunJobs(), app.RunJobs());
        await app.RunJobs();

        Assert.Equal(1, await app.Count($"select count(*) from payments.drift_runs where day = {day}"));
        var report = await (await app.Somebody(Roles.Admin)).Get($"/api/v1/reports/drift?day={day:yyyy-MM-dd}");
        Assert.Equal(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), report.GetProperty("day").GetString());
        await (await app.Somebody(Roles.Admin)).Client.GetAsync("/api/v1/reports/drift?day=2020-01-01", _ct).IsRefused(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Only_administrators_read_and_begin_it()
    {
        foreach (var somebody in (Person[])[await app.Somebody(), await app.Somebody(Roles.Staff)])
        {
            await somebody.Client.GetAsync("/api/v1/reports/drift", _ct).IsRefused(HttpStatusCode.Forbidden, "forbidden");
            await somebody.Post("/api/v1/reports/drift", new { }).IsRefused(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    private static string KeyOf(Guid payment) => string.Concat("payment-", payment.ToString("N"));

    private static bool Concerns(JsonElement found, Guid payment) => found.GetProperty("paymentId") is { ValueKind: JsonValueKind.String } id && id.GetGuid() == payment;

    private Task<int> Charge(Guid payment) => app.WithDb(db => db.Execute(
        $"insert into payments.sandbox_charges (reference, key, amount, currency, state, created_at) values ({string.Concat("sandbox_", payment.ToString("N"))}, {KeyOf(payment)}, 1234, 'BRL', 'succeeded', {app.Clock.GetUtcNow()})", _ct));

    private async Task Sandbox(Guid payment, Sql change)
    {
        // The job that repeats a settling has run, and will not bring what is changed here.
        await app.Later();
        await app.WithDb(db => db.Execute($"update payments.sandbox_charges set {change} where key = {KeyOf(payment)}", _ct));
    }

    private Task<int> Order(Guid order, Sql change) => app.WithDb(db => db.Execute($"update ordering.orders set {change} where id = {order}", _ct));

    private async Task<JsonElement> Start()
    {
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        return await (await (await app.Somebody(Roles.Admin)).Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
    }

    private async Task<JsonElement> Read() => await (await app.Somebody(Roles.Admin)).Get("/api/v1/reports/drift");

    private async Task<IReadOnlyList<JsonElement>> Differences()
    {
        var begun = await Start();
        await app.RunJobs();
        var report = await Read();
        // A job that was held up for too long is tried again, and its report goes on.
        for (var times = 0; times < 10 && report.GetProperty("finishedAt").ValueKind == JsonValueKind.Null; times++)
        {
            await app.Later(seconds: 300);
            report = await Read();
        }

        Assert.Equal(begun.GetProperty("id").GetGuid(), report.GetProperty("id").GetGuid());
        Assert.Equal(JsonValueKind.String, report.GetProperty("finishedAt").ValueKind);
        Assert.All(report.GetProperty("compared").GetProperty("providers").EnumerateArray(), provider => Assert.True(provider.GetProperty("isComplete").GetBoolean()));
        return [.. report.GetProperty("differences").EnumerateArray()];
    }

    private async Task<IReadOnlyList<JsonElement>> DifferencesOf(Guid payment) => [.. (await Differences()).Where(found => Concerns(found, payment))];

    private async Task<JsonElement> IsNamed(Guid payment, string kind, string expected, string found)
    {
        var difference = Assert.Single(await DifferencesOf(payment));
        Assert.Equal((kind, expected, found), (difference.GetProperty("kind").GetString(), difference.GetProperty("expected").GetString(), difference.GetProperty("found").GetString()));
        return difference;
    }
}
