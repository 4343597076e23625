using System.Net;
using Quitanda.Payments;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

public sealed class RefundTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paid_order_that_is_cancelled_twenty_times_at_once_is_refunded_once()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 4200);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PaymentsApp.CancelOrder(ana, order)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));

        await app.Later();
        Assert.Equal(1, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        Assert.Equal([("succeeded", 4200L, 4200L)], await app.Charges(payment));
        var seen = await ana.Look(payment);
        Assert.Equal("refunded", seen.Status());
        Assert.Equal(4200, seen.GetProperty("refundedAmount").GetProperty("amount").GetInt64());
        Assert.Equal(("cancelled", "refunded"), await app.OrderOf(order));
    }

    [Fact]
    public async Task Whoever_asks_twenty_times_to_give_back_an_orders_money_gives_it_back_once()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 1300);

        // Each behind the order's lock, as the contract asks, but without the order's own refusal in between.
        var isOnItsWay = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.InScope(async scope =>
        {
            await scope.Get<IEnumerable<IPayable>>().Single(payable => payable.Kind == "order").Lock(order, _ct);
            return await scope.Get<IPayments>().CancelOrRefund("order", order, "twice", _ct);
        })));

        Assert.All(isOnItsWay, Assert.True);
        await app.Later();
        Assert.Equal(1, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        Assert.Equal([("succeeded", 1300L, 1300L)], await app.Charges(payment));
    }

    [Fact]
    public async Task A_refund_by_staff_and_a_cancellation_that_overlap_give_back_what_came_in_and_no_more()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana, total: 1000);

        await app.Overlap(
            scope => RefundPayment.Handle(payment, new(new Money(150, "BRL")), scope.Get<Db>(), app.Clock, _ct),
            async scope =>
            {
                await scope.Get<IEnumerable<IPayable>>().Single(payable => payable.Kind == "order").Lock(order, _ct);
                await scope.Get<IPayments>().CancelOrRefund("order", order, "cancelled", _ct);
            });

        await app.Later();
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([150L, 850L], await app.WithDb(db => db.Read($"select amount from payments.refunds where payment_id = {payment} order by amount", row => row.GetInt64(0), _ct)));
    }

    [Fact]
    public async Task An_open_payment_of_a_cancelled_order_ends_here_and_at_the_provider()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);

        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        Assert.Equal("cancelled", await app.StatusOf(payment));
        await app.RunJobs();

        Assert.Equal("cancelled", Assert.Single(await app.Charges(payment)).State);
        Assert.Equal("cancelled", (await ana.Settle(payment, "succeed")).Status());
        Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
    }

    [Fact]
    public async Task Money_paid_just_before_the_provider_heard_of_the_cancellation_goes_back()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana, total: 990);
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);

        // The provider's cancellation is still queued.
        Assert.Equal("succeeded", (await ana.Settle(payment, "succeed")).Status());
        await app.Later();

        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 990L, 990L)], await app.Charges(payment));
        Assert.Equal("cancelled", (await app.OrderOf(order)).Status);
        Assert.Equal(0, app.Announced.Of(payment));
    }

    [Fact]
    public async Task A_payment_cancelled_before_its_provider_answered_is_cancelled_there_once_its_name_is_known()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        Guid payment;
        using (app.Line.Cut())
            payment = (await ana.Pay(order)).GetProperty("id").GetGuid();
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.RunJobs();
        Assert.Equal("open", Assert.Single(await app.Charges(payment)).State);

        await app.Later();
        Assert.Equal("cancelled", Assert.Single(await app.Charges(payment)).State);
        Assert.Equal("cancelled", await app.StatusOf(payment));
    }

    [Fact]
    public async Task Twenty_partial_refunds_at_once_never_exceed_what_came_in()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.Paid(ana, total: 1000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 150, currency = "BRL" }, reason = "cold" })));
        Assert.Equal(6, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("refund_exceeds_payment", (await refused.Read(HttpStatusCode.Conflict)).GetProperty("code").GetString());

        await app.Later();
        Assert.Equal([("succeeded", 1000L, 900L)], await app.Charges(payment));
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "partially_refunded"), await app.OrderOf(order));

        // Without an amount, all that is left.
        var rest = await staff.Post($"/api/v1/payments/{payment}/refunds", new { });
        var refund = await rest.Read(HttpStatusCode.Created);
        Assert.Equal(100, refund.GetProperty("amount").GetProperty("amount").GetInt64());
        Assert.Equal("pending", refund.Status());
        await app.Later();
        Assert.Equal("succeeded", (await ana.Get(rest.Headers.Location!.OriginalString)).Status());
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "refunded"), await app.OrderOf(order));
        await staff.Post($"/api/v1/payments/{payment}/refunds", new { }).IsRefused(HttpStatusCode.Conflict, "refund_exceeds_payment");
    }

    [Fact]
    public async Task A_refund_whose_answer_was_lost_is_asked_for_again_and_the_money_goes_back_once()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana, total: 600);
        await (await staff.Client.PostAsync($"/api/v1/payments/{payment}/refunds", null, _ct)).Read(HttpStatusCode.Created);

        using (app.Line.Cut())
            await app.RunJobs();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 600L, 600L)], await app.Charges(payment));

        await app.Later();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal([("succeeded", 600L, 600L)], await app.Charges(payment));
    }

    [Fact]
    public async Task Nothing_goes_back_that_never_came_in()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Pending(ana);
        await staff.Post($"/api/v1/payments/{payment}/refunds", new { }).IsRefused(HttpStatusCode.Conflict, "refund_exceeds_payment");
        await staff.Post($"/api/v1/payments/{Guid.CreateVersion7()}/refunds", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
        await app.RunJobs();
        Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
    }

    [Fact]
    public async Task Only_staff_give_money_back_and_a_strangers_refund_is_not_there()
    {
        var (ana, bob, staff) = (await app.Somebody(), await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana);
        await ana.Post($"/api/v1/payments/{payment}/refunds", new { }).IsRefused(HttpStatusCode.Forbidden, "forbidden");
        await bob.Post($"/api/v1/payments/{payment}/refunds", new { }).IsRefused(HttpStatusCode.Forbidden, "forbidden");

        var place = (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 1, currency = "BRL" } })).Headers.Location!.OriginalString;
        await bob.Client.GetAsync(place, _ct).IsRefused(HttpStatusCode.NotFound, "not_found");
        await ana.Get(place);
    }

    [Theory]
    [InlineData("""{"amount":{"amount":0,"currency":"BRL"}}""", "amount.amount")]
    [InlineData("""{"amount":{"amount":-5,"currency":"BRL"}}""", "amount.amount")]
    [InlineData("""{"amount":{"amount":5,"currency":"USD"}}""", "amount.currency")]
    public async Task A_refund_is_a_positive_amount_in_the_payments_currency(string body, string field)
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Paid(ana);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var problem = await (await staff.Client.PostAsync($"/api/v1/payments/{payment}/refunds", content, _ct)).Read(HttpStatusCode.BadRequest);
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }
}
