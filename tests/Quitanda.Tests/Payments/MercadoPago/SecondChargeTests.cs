using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.SecondCharges;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>One page of Mercado Pago that is paid twice, in two tabs: the second money goes back by itself, and the payment knows nothing of it.</summary>
public sealed class SecondChargeTests(SimulatedPaymentsApp app) : IClassFixture<SimulatedPaymentsApp>
{
    private const string Provider = "mercadopago";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_is_closed_once_it_is_paid_also_where_the_provider_was_away()
    {
        var ana = await app.Somebody();
        var (_, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "succeed" });
        await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK);
        Assert.Equal("succeeded", await app.StatusOf(payment));
        await app.Set(Provider, new { failedCalls = 6 });
        await app.RunJobs();
        await app.Set(Provider, new { });
        await app.Later(3600);

        ana = await app.Somebody(Roles.Staff);
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "pay_again" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
        Assert.Equal(1, await app.Count($"select count(*) from payments.simulated_things where provider = {Provider} and kind = 'preference' and parent = {payment.ToString()} and (body ->> 'expires')::boolean"));
    }

    [Fact]
    public async Task A_page_is_closed_once_an_attempt_on_it_has_ended_the_payment()
    {
        var ana = await app.Somebody();
        var (_, payment, _) = await app.Begin(ana, Provider, method: null);
        await app.InScope(scope => scope.Get<HearProvider>().Hear(payment, new("r", ChargeState.Cancelled), _ct));
        await app.RunJobs();
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "succeed" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
    }

    [Theory]
    [InlineData("once")]
    [InlineData("twice")]
    [InlineData("out_of_order")]
    public async Task The_second_money_goes_back_whole_and_the_first_pays(string delivery)
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed", delivery });
        await ana.Happens(payment, new { @do = "pay_again", delivery });
        await app.EventsCome();
        await IsGivenBack(order, payment);

        // All of it once more.
        foreach (var told in await ana.Told(payment))
            await (await ana.Post($"/api/v1/simulator/events/{told.GetProperty("id").GetGuid()}/send", new { })).Read(HttpStatusCode.Accepted);
        await app.EventsCome();
        await IsGivenBack(order, payment);
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where state <> 'handled' or payment_id is null"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whichever_of_the_two_is_heard_of_first_is_the_payment(bool secondFirst)
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await ana.Happens(payment, new { @do = "pay_again", delivery = "never" });
        // The search there is behind, so that each event leads to its own money alone.
        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = null where provider = {Provider} and kind = 'payment' and parent = {payment.ToString()}", _ct));
        var told = (await ana.Told(payment)).Select(one => one.GetProperty("id").GetGuid()).ToList();
        Assert.Equal(2, told.Count);
        if (!secondFirst)
            told.Reverse();
        foreach (var one in told)
        {
            await (await ana.Post($"/api/v1/simulator/events/{one}/send", new { })).Read(HttpStatusCode.Accepted);
            await app.EventsCome();
        }

        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = body ->> 'external_reference' where provider = {Provider} and kind = 'payment' and parent is null", _ct));
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task Two_words_that_each_know_another_money_leave_one_of_them()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await ana.Happens(payment, new { @do = "pay_again", delivery = "never" });
        var names = await app.WithDb(db => db.Read($"select id from payments.simulated_things where provider = {Provider} and kind = 'payment' and parent = {payment.ToString()} order by created_at, id", row => row.GetString(0), _ct));
        await Task.WhenAll(names.Concat(names).Select(name => app.InScope(scope => scope.Get<HearProvider>().Hear(
            payment, new("page", ChargeState.Succeeded) { ChargeReference = name, Amount = new(2590, "BRL"), RefundedAmount = 0, PaymentId = payment }, _ct))));
        await app.EventsCome();
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task Events_that_never_came_are_made_good_by_asking()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again", delivery = "never" });
        // The first event's search was behind, too.
        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = null where provider = {Provider} and kind = 'payment' and parent = {payment.ToString()}", _ct));
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.second_charges where payment_id = {payment}"));
        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = body ->> 'external_reference' where provider = {Provider} and kind = 'payment' and parent is null", _ct));
        await app.WithDb(db => db.Execute($"update payments.payments set asked_at = {app.Clock.GetUtcNow() - TimeSpan.FromDays(8)} where id = {payment}", _ct));
        await Tick();
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task The_report_of_drift_gives_it_back_and_says_what_came_of_it()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again", delivery = "never" });
        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = null where provider = {Provider} and kind = 'payment' and parent = {payment.ToString()}", _ct));
        await app.EventsCome();
        await app.Later(20 * 60);
        var admin = await app.Somebody(Roles.Admin);

        await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();
        await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = body ->> 'external_reference' where provider = {Provider} and kind = 'payment' and parent is null", _ct));
        await IsGivenBack(order, payment);
        // The first report named it while it was on its way; the newest is the one that began last.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();
        var named = Assert.Single(await Named(admin, payment));
        Assert.Equal(("charge_unknown", "2590 BRL, returned"), (named.GetProperty("kind").GetString(), named.GetProperty("found").GetString()));
        Assert.Equal(order, named.GetProperty("orderId").GetGuid());
    }

    [Fact]
    public async Task One_whose_return_is_refused_is_named_and_asked_again_the_next_day()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin));
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again" });
        await app.Set(Provider, new { failedRefunds = 1 });
        await app.EventsCome();
        Assert.Equal(("refused", 1), await Second(payment));
        await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();
        Assert.Equal("2590 BRL, refused: not_refundable", Assert.Single(await Named(admin, payment)).GetProperty("found").GetString());

        await Tick();
        Assert.Equal(("refused", 1), await Second(payment));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await Tick();
        Assert.Equal(("returned", 2), await Second(payment));
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task An_answer_that_is_lost_gives_it_back_once()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again" });
        await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK);
        // Every answer is lost, the refund's among them, until the process has given up for now.
        await app.Set(Provider, new { lostAnswers = 20 });
        await app.EventsCome();
        Assert.Equal(("pending", 1), await Second(payment));
        await app.Set(Provider, new { });
        await app.Later(3600);
        await app.Later(3600);
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task A_process_that_dies_after_the_provider_gave_it_back_does_not_give_it_twice()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again" });
        await app.InScope(async scope =>
        {
            await scope.Get<HearProvider>().Hear(payment, await Ask(payment), _ct);
            return true;
        });
        var (provider, reference) = await app.WithDb(db => db.ReadFirst($"select provider, reference from payments.second_charges where payment_id = {payment}", row => (row.GetString(0), row.GetString(1)), _ct));
        // Asked twice, and neither has written what came of it.
        for (var times = 0; times < 2; times++)
            await app.InScope(async scope => (await scope.Get<ReturnSecondCharge>().Call(new(provider, reference), _ct))!.News.State is RefundState.Succeeded);
        Assert.Equal(("pending", 1), await Second(payment));
        await app.EventsCome();
        await IsGivenBack(order, payment);
    }

    [Fact]
    public async Task One_that_somebody_gave_back_there_is_not_given_back_again()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed" });
        await ana.Happens(payment, new { @do = "pay_again" });
        await app.Set(Provider, new { failedRefunds = 1 });
        await app.EventsCome();
        await app.WithDb(db => db.Execute(
            $"""
            update payments.simulated_things set body = body || jsonb_build_object('status', 'refunded', 'status_detail', 'refunded', 'transaction_amount_refunded', 25.9)
            where provider = {Provider} and id = (select reference from payments.second_charges where payment_id = {payment})
            """, _ct));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await Tick();
        Assert.Equal(("returned", 2), await Second(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.simulated_things where provider = {Provider} and kind = 'refund' and parent = (select reference from payments.second_charges where payment_id = {payment})"));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task What_pays_a_cancelled_order_twice_goes_back_twice()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null, total: 2590);
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await ana.Happens(payment, new { @do = "pay_again", delivery = "never" });
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        await app.EventsCome();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal(("returned", 1), await Second(payment));
        Assert.Equal([0m, 0m], (await Left(payment)).Values);
    }

    /// <summary>The provider has the money once, our books have it once, and staff can see why.</summary>
    private async Task IsGivenBack(Guid order, Guid payment)
    {
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal("returned", (await Second(payment)).Status);
        var left = await Left(payment);
        Assert.Equal([0m, 25.9m], left.Values.Order());
        var own = await app.WithDb(db => db.ReadFirst($"select charge_reference from payments.payments where id = {payment}", row => row.GetString(0), _ct));
        Assert.Equal(25.9m, left[own!]);
        Assert.Equal(0, await app.Count($"select refund_asked_amount from payments.payments where id = {payment}"));
        Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        Assert.Equal(2590, await app.Count(
            $"select sum(e.amount)::bigint from payments.ledger_transactions t join payments.ledger_entries e on e.transaction_id = t.id where t.payment_id = {payment} and e.account = 'provider_clearing' and t.kind <> 'fee'"));
        Assert.Equal(1, app.Announced.Of(payment));
    }

    private Task<(string Status, int Tries)> Second(Guid payment) => app.WithDb(db => db.ReadFirst($"select status, tries from payments.second_charges where payment_id = {payment}", row => (row.GetString(0), row.GetInt32(1)), _ct));

    /// <summary>What the provider has of each money that came in for a payment.</summary>
    private async Task<Dictionary<string, decimal>> Left(Guid payment) => (await app.WithDb(db => db.Read(
        $"select id, (body ->> 'transaction_amount')::numeric - (body ->> 'transaction_amount_refunded')::numeric from payments.simulated_things where provider = {Provider} and kind = 'payment' and body ->> 'external_reference' = {payment.ToString()}",
        row => (row.GetString(0), row.GetDecimal(1)), _ct))).ToDictionary(one => one.Item1, one => one.Item2, StringComparer.Ordinal);

    private async Task<ChargeNews> Ask(Guid payment)
    {
        var known = await app.WithDb(db => Task.FromResult(db.Set<Payment>().Single(one => one.Id == payment)));
        return await app.Services.GetServices<IPaymentProvider>().Single(provider => provider.Name == Provider).Fetch(Charge.Of(known), _ct);
    }

    private async Task<JsonElement[]> Named(Person admin, Guid payment) =>
        [.. (await admin.Get("/api/v1/reports/drift")).GetProperty("differences").EnumerateArray().Where(one => one.GetProperty("paymentId").GetString() == payment.ToString())];

    private async Task Tick()
    {
        await app.InScope(async scope =>
        {
            await scope.Get<Reconcile>().Handle(new(app.Clock.GetUtcNow()), _ct);
            return true;
        });
        await app.EventsCome();
    }
}
