using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>Events that never come, and who makes up for them.</summary>
public sealed class ReconcileTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_whose_event_was_lost_is_made_good_by_the_reconciler()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);
        await PayAtProvider(payment);

        await Tick();
        Assert.Equal("pending", await app.StatusOf(payment));
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await Tick();

        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_payer_who_returns_learns_at_once_what_the_provider_knows()
    {
        var (ana, bea) = (await app.Somebody(), await app.Somebody());
        var (order, payment) = await app.Pending(ana);
        Assert.Equal("pending", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
        await PayAtProvider(payment);

        // Whoever comes first, the page or the timer, moves it; the other finds it moved.
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        var refreshed = Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status()));
        await Task.WhenAll(refreshed, Tick());

        Assert.All(await refreshed, status => Assert.Equal("succeeded", status));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        await app.RunJobs();
        Assert.Equal(1, app.Announced.Of(payment));
        await bea.Post($"/api/v1/payments/{payment}/refresh", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_leaves_the_payment_as_it_is()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana);
        await PayAtProvider(payment);
        using (app.Line.Cut())
            Assert.Equal("pending", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
        Assert.Equal("succeeded", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
    }

    [Fact]
    public async Task A_charge_whose_creation_nobody_follows_up_any_more_is_taken_up_again()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, total: 991);
        Guid payment;
        using (app.Line.Cut())
            payment = (await ana.Pay(order)).GetProperty("id").GetGuid();
        // The job that would have asked again is dead and gone.
        await app.WithDb(db => db.Execute($"delete from platform.jobs where kind = 'payments.create-at-provider'", _ct));

        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await Tick();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(1, await app.Count($"select count(*) from payments.sandbox_charges where amount = 991"));
    }

    [Fact]
    public async Task A_refund_whose_job_is_gone_is_taken_up_again()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 1700);
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { })).Read(HttpStatusCode.Created);
        await app.WithDb(db => db.Execute($"delete from platform.jobs where kind = 'payments.refund'", _ct));

        app.Clock.Advance(TimeSpan.FromHours(2));
        await Tick();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 1700L, 1700L)], await app.Charges(payment));
    }

    private async Task Tick()
    {
        await app.InScope(async scope =>
        {
            await scope.Get<Reconcile>().Handle(new(app.Clock.GetUtcNow()), _ct);
            return true;
        });
        await app.RunJobs();
    }

    private Task<Quitanda.Payments.Providers.ChargeNews> PayAtProvider(Guid payment) => app.Services.GetRequiredService<SandboxProvider>().Settle($"payment-{payment:N}", SandboxOutcome.Succeed, code: null, _ct);
}
