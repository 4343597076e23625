using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>The whole way with Stripe, which is simulated behind our adapter: the order, the payer at Stripe, Stripe's events, our books.</summary>
public sealed class StripePayingTests(SimulatedPaymentsApp app) : IClassFixture<SimulatedPaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_card_pays_an_order_and_the_fee_is_known()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment, begun) = await app.Begin(ana, "stripe");
        Assert.Equal(("pending", "simulated"), (begun.Status(), begun.GetProperty("publicKey").GetString()));
        var intent = begun.GetProperty("providerReference").GetString()!;
        Assert.StartsWith($"{intent}_secret_", begun.GetProperty("clientSecret").GetString(), StringComparison.Ordinal);
        Assert.False((await staff.Look(payment)).TryGetProperty("clientSecret", out _));

        await ana.Happens(payment, new { @do = "succeed" });
        Assert.Equal("pending", await app.StatusOf(payment));
        await app.EventsCome();

        var paid = await ana.Look(payment);
        Assert.Equal("succeeded", paid.Status());
        Assert.False(paid.TryGetProperty("clientSecret", out _));
        Assert.False(paid.TryGetProperty("fee", out _));
        Assert.Equal("""{"amount":139,"currency":"BRL"}""", (await staff.Look(payment)).GetProperty("fee").GetRawText());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.All(await ana.Told(payment), told => Assert.Equal((1, 200), (told.GetProperty("sends").GetInt32(), told.GetProperty("status").GetInt32())));
        Assert.Equal(1, await Intents(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where provider = 'stripe' and state not in ('handled', 'ignored')"));
    }

    [Fact]
    public async Task Without_a_method_the_element_offers_what_the_account_has()
    {
        var ana = await app.Somebody();
        var (order, payment, begun) = await app.Begin(ana, "stripe", method: null);
        Assert.True(begun.TryGetProperty("clientSecret", out _));
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_declined_card_can_be_tried_again_in_the_same_element()
    {
        var ana = await app.Somebody();
        var (order, payment, begun) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "fail", code = "insufficient_funds" });
        await app.EventsCome();
        var failed = await ana.Look(payment);
        Assert.Equal(("failed", "insufficient_funds"), (failed.Status(), failed.GetProperty("failureCode").GetString()));
        Assert.Equal(begun.GetProperty("clientSecret").GetString(), failed.GetProperty("clientSecret").GetString());
        Assert.Equal(("pending", "failed"), await app.OrderOf(order));

        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(payment), await app.OrderOf(order)));
    }

    [Fact]
    public async Task A_new_attempt_ends_the_failed_one_at_Stripe()
    {
        var ana = await app.Somebody();
        var (order, first, _) = await app.Begin(ana, "stripe");
        await ana.Happens(first, new { @do = "fail" });
        await app.EventsCome();
        var second = (await ana.PayBy(order, "stripe", "card")).GetProperty("id").GetGuid();
        await app.EventsCome();

        await ana.Post($"/api/v1/simulator/payments/{first}", new { @do = "succeed" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
        await ana.Happens(second, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("failed", "succeeded"), (await app.StatusOf(first), await app.StatusOf(second)));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_Pix_shows_its_code_until_its_order_lapses()
    {
        var ana = await app.Somebody();
        var (order, payment, begun) = await app.Begin(ana, "stripe", "pix");
        var pix = begun.GetProperty("pix");
        Assert.StartsWith("000201", pix.GetProperty("qrCode").GetString(), StringComparison.Ordinal);
        Assert.Equal(app.Clock.GetUtcNow().AddMinutes(30), pix.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.StartsWith("https://payments.stripe.com/qr/", begun.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);
        Assert.False(begun.TryGetProperty("clientSecret", out _));

        await ana.Happens(payment, new { @do = "expire" });
        await app.EventsCome();
        var late = await ana.Look(payment);
        Assert.Equal(("failed", "payment_intent_payment_attempt_expired"), (late.Status(), late.GetProperty("failureCode").GetString()));

        var again = (await ana.PayBy(order, "stripe", "pix")).GetProperty("id").GetGuid();
        await ana.Happens(again, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(again), await app.OrderOf(order)));
    }

    [Fact]
    public async Task A_Pix_with_less_than_a_minute_left_is_refused_and_another_way_stays_open()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        await app.WithDb(db => db.Execute($"update ordering.orders set expires_at = {app.Clock.GetUtcNow().AddSeconds(59)} where id = {order}", _ct));
        var refused = await ana.PayBy(order, "stripe", "pix");
        Assert.Equal(("failed", "parameter_invalid_integer"), (refused.Status(), refused.GetProperty("failureCode").GetString()));
        Assert.Equal("pending", (await ana.PayBy(order, "stripe", "card")).Status());
    }

    [Fact]
    public async Task Held_money_is_taken()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "authorize" });
        await app.EventsCome();
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(payment), await app.OrderOf(order)));
    }

    [Fact]
    public async Task Money_goes_back_in_parts_and_whole()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.PaidBy(ana, "stripe");
        var part = await staff.GiveBack(payment, 900);
        await app.EventsCome();
        Assert.Equal("succeeded", await RefundOf(payment, part));
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        await staff.GiveBack(payment);
        await app.EventsCome();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal("refunded", (await app.OrderOf(order)).PaymentStatus);
        Assert.Equal([900L, 1600L], await app.WithDb(db => db.Read($"select amount from payments.refunds where payment_id = {payment} order by amount", row => row.GetInt64(0), _ct)));
        Assert.Equal(2, await Refunds(payment));
    }

    [Fact]
    public async Task A_Pix_that_goes_back_is_under_way_until_Stripe_says_it_arrived()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.PaidBy(ana, "stripe", "pix");
        var refund = await staff.GiveBack(payment);
        await app.EventsCome();
        Assert.Equal(("pending", "succeeded"), (await RefundOf(payment, refund), await app.StatusOf(payment)));

        // Ten minutes and more: Stripe keeps an answer for a key for a day, and would say "pending" again.
        await app.Later(11 * 60);
        Assert.Equal(("succeeded", "refunded"), (await RefundOf(payment, refund), await app.StatusOf(payment)));
        Assert.Equal(1, await Refunds(payment));
    }

    [Fact]
    public async Task A_refund_that_was_refused_is_asked_for_again_and_goes_once()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.PaidBy(ana, "stripe");
        await app.Set("stripe", new { failedRefunds = 1 });
        var refund = await staff.GiveBack(payment, 500);
        await app.EventsCome();
        var failed = await staff.Get($"/api/v1/payments/{payment}/refunds/{refund.GetProperty("id").GetGuid()}");
        Assert.Equal(("failed", "balance_insufficient"), (failed.Status(), failed.GetProperty("failureCode").GetString()));
        Assert.Equal("succeeded", await app.StatusOf(payment));

        await (await staff.Post($"/api/v1/payments/{payment}/refunds/{refund.GetProperty("id").GetGuid()}/retry", new { })).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal(("succeeded", "partially_refunded"), (await RefundOf(payment, refund), await app.StatusOf(payment)));
        Assert.Equal(1, await Refunds(payment));
    }

    [Fact]
    public async Task A_refund_whose_answer_is_lost_goes_once_even_after_Stripe_forgot_its_key()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.PaidBy(ana, "stripe");
        var refund = await staff.GiveBack(payment, 500);
        var (intent, key) = await app.WithDb(db => db.ReadFirst(
            $"select p.provider_reference, r.key from payments.refunds r join payments.payments p on p.id = r.payment_id where p.id = {payment}", row => (row.GetString(0), row.GetString(1)), _ct));
        // Asked, done, and nobody heard of it; a day later Stripe does not know the key any more.
        await app.Services.GetRequiredService<Simulator>().Answer("stripe", new("POST", "/v1/refunds", new Dictionary<string, string>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = "Bearer simulated" }, Encoding.UTF8.GetBytes($"payment_intent={intent}&amount=500&metadata[refund_key]={key}")), _ct);
        Assert.Equal(1, await Refunds(payment));
        await app.EventsCome();
        Assert.Equal("succeeded", await RefundOf(payment, refund));
        Assert.Equal((1, 500), (await Refunds(payment), await app.Count($"select refunded_amount from payments.payments where id = {payment}")));
    }

    [Fact]
    public async Task What_somebody_gives_back_in_Stripes_dashboard_is_noticed()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, "stripe");
        await ana.Happens(payment, new { @do = "refund", amount = 700 });
        await app.EventsCome();
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        Assert.Equal(1, await app.Count($"select count(*) from payments.refunds where payment_id = {payment} and origin = 'provider' and amount = 700 and status = 'succeeded'"));
    }

    [Theory]
    [InlineData("win_dispute", "won", "succeeded")]
    [InlineData("lose_dispute", "lost", "refunded")]
    public async Task A_dispute_is_open_and_then_decided(string deed, string dispute, string status)
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, "stripe");
        await ana.Happens(payment, new { @do = "dispute" });
        await app.EventsCome();
        var open = await ana.Look(payment);
        Assert.Equal(("disputed", "open"), (open.Status(), open.GetProperty("dispute").GetString()));
        await ana.Happens(payment, new { @do = deed });
        await app.EventsCome();
        var decided = await ana.Look(payment);
        Assert.Equal((status, dispute), (decided.Status(), decided.GetProperty("dispute").GetString()));
    }

    [Fact]
    public async Task Whatever_answer_is_lost_there_is_one_intent()
    {
        var ana = await app.Somebody();
        await app.Set("stripe", new { lostAnswers = 3 });
        var (order, payment, begun) = await app.Begin(ana, "stripe");
        Assert.Equal("processing", begun.Status());
        Assert.Equal(1, await Intents(payment));
        await app.Set("stripe", new { });
        await app.Later();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(1, await Intents(payment));
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_success_that_comes_before_the_answer_that_was_lost_counts()
    {
        var ana = await app.Somebody();
        await app.Set("stripe", new { lostAnswers = 3 });
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await app.Set("stripe", new { });
        var intent = await app.WithDb(db => db.ReadFirst($"select id from payments.simulated_things where kind = 'payment_intent' and body->'metadata'->>'payment_id' = {payment.ToString()}", row => row.GetString(0), _ct));
        Assert.True(await app.Services.GetRequiredService<Simulator>().Happen("stripe", intent!, new(SimulatedDeed.Succeed), delivery: null, 0, _ct));
        await app.EventsCome();
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(payment), await app.OrderOf(order)));
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("out_of_order")]
    [InlineData("late")]
    public async Task However_events_come_there_is_one_effect(string delivery)
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "fail", delivery });
        await ana.Happens(payment, new { @do = "succeed", delivery });
        await app.Later(61);
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(payment), await app.OrderOf(order)));
        await ana.Happens(payment, new { @do = "refund", amount = 100, delivery });
        await ana.Happens(payment, new { @do = "refund", amount = 200, delivery });
        await app.Later(61);
        Assert.Equal(300, await app.Count($"select refunded_amount from payments.payments where id = {payment}"));
        Assert.Equal(1, app.Announced.Of(payment));
    }

    [Fact]
    public async Task An_event_that_never_comes_is_made_good_by_whoever_asks()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await app.RunJobs();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal("succeeded", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task An_event_that_never_comes_is_made_good_by_itself()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await app.InScope(async scope =>
        {
            await scope.Get<Reconcile>().Handle(new(app.Clock.GetUtcNow()), _ct);
            return true;
        });
        await app.RunJobs();
        Assert.Equal(("succeeded", ("confirmed", "paid")), (await app.StatusOf(payment), await app.OrderOf(order)));
    }

    [Fact]
    public async Task An_order_that_is_called_off_cannot_be_paid_at_Stripe_any_more()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal("cancelled", await app.StatusOf(payment));
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "succeed" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
    }

    [Fact]
    public async Task Money_that_came_just_before_its_order_was_called_off_goes_back()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "stripe");
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal(1, await Refunds(payment));
    }

    [Fact]
    public async Task What_was_made_in_a_time_is_listed_with_our_ids()
    {
        app.Clock.Advance(TimeSpan.FromDays(1));
        var ana = await app.Somebody();
        var from = app.Clock.GetUtcNow();
        var (_, paid) = await app.PaidBy(ana, "stripe", total: 4200);
        var (_, open, _) = await app.Begin(ana, "stripe", "pix", total: 4300);
        var stripe = app.Services.GetRequiredService<Providers>().Of("stripe");
        var page = await stripe.List(from, from.AddHours(1), cursor: null, _ct);
        Assert.Null(page.Next);
        Assert.Equal([(open, ChargeState.Open, new Money(4300, "BRL")), (paid, ChargeState.Succeeded, new(4200, "BRL"))], page.Charges.Select(charge => (charge.PaymentId!.Value, charge.State, charge.Amount!)));
        Assert.Empty((await stripe.List(from.AddHours(1), from.AddHours(2), cursor: null, _ct)).Charges);
    }

    private Task<long> Intents(Guid payment) =>
        app.Count($"select count(*) from payments.simulated_things where provider = 'stripe' and kind = 'payment_intent' and body->'metadata'->>'payment_id' = {payment.ToString()}");

    private Task<long> Refunds(Guid payment) =>
        app.Count($"select count(*) from payments.simulated_things where provider = 'stripe' and kind = 'refund' and parent = (select provider_reference from payments.payments where id = {payment})");

    private async Task<string> RefundOf(Guid payment, JsonElement refund) =>
        (await app.WithDb(db => db.ReadFirst($"select status from payments.refunds where id = {refund.GetProperty("id").GetGuid()} and payment_id = {payment}", row => row.GetString(0), _ct)))!;
}
