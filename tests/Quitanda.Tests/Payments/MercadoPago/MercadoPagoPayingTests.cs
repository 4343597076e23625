using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>The whole way through HTTP: our API, the adapter, the simulated Mercado Pago, its notices and our books.</summary>
public sealed class MercadoPagoPayingTests(SimulatedPaymentsApp app) : IClassFixture<SimulatedPaymentsApp>
{
    private const string Provider = "mercadopago";

    [Fact]
    public async Task A_payer_chooses_on_its_page_and_the_order_is_confirmed_when_the_notice_comes()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment, begun) = await app.Begin(ana, Provider, method: null, total: 2590);
        Assert.Equal("pending", begun.Status());
        Assert.StartsWith("https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=", begun.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);
        Assert.Equal("simulated", begun.GetProperty("publicKey").GetString());

        await ana.Happens(payment, new { @do = "succeed" });
        Assert.Equal("pending", await app.StatusOf(payment));
        await app.EventsCome();

        var paid = await ana.Look(payment);
        Assert.Equal("succeeded", paid.Status());
        Assert.Equal(begun.GetProperty("providerReference").GetString(), paid.GetProperty("providerReference").GetString());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1, app.Announced.Of(payment));
        // 4.99 % of 25.90.
        Assert.Equal("""{"amount":129,"currency":"BRL"}""", (await staff.Look(payment)).GetProperty("fee").GetRawText());
        Assert.False(paid.TryGetProperty("fee", out _));
        Assert.Equal("payment.created", Assert.Single(await ana.Told(payment)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_Pix_code_is_shown_until_it_is_paid()
    {
        var ana = await app.Somebody();
        var (order, payment, begun) = await app.Begin(ana, Provider, "pix", total: 1);
        Assert.StartsWith("00020126", begun.GetProperty("pix").GetProperty("qrCode").GetString(), StringComparison.Ordinal);
        // As long as the order waits, though the code itself lives a little longer.
        Assert.Equal(app.Clock.GetUtcNow().AddMinutes(30), begun.GetProperty("pix").GetProperty("expiresAt").GetDateTimeOffset());

        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.False((await ana.Look(payment)).TryGetProperty("pix", out _));
    }

    [Fact]
    public async Task A_cards_token_is_charged_at_once_or_declined_at_once_and_another_may_be_tried()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, total: 3490);

        var declined = await Token(ana, order, "FUND");
        Assert.Equal(("failed", "insufficient_funds"), (declined.Status(), declined.GetProperty("failureCode").GetString()));
        Assert.Equal(("pending", "failed"), await app.OrderOf(order));
        var refused = await Token(ana, order, "invalid");
        Assert.Equal(("failed", "invalid_card_token"), (refused.Status(), refused.GetProperty("failureCode").GetString()));
        var paid = await Token(ana, order, "APRO");
        Assert.Equal("succeeded", paid.Status());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));

        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(paid.GetProperty("id").GetGuid()));
        Assert.Equal("failed", await app.StatusOf(declined.GetProperty("id").GetGuid()));
        Assert.Equal(1, app.Announced.Of(paid.GetProperty("id").GetGuid()));
        // What a card's token was is not kept.
        Assert.Equal(0, await app.Count($"select count(*) from payments.payments where payable_id = {order} and input is not null"));
    }

    [Fact]
    public async Task A_card_under_review_waits_for_what_is_decided()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        var waiting = await Token(ana, order, "CONT");
        Assert.Equal("pending", waiting.Status());
        var payment = waiting.GetProperty("id").GetGuid();
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task A_payer_who_was_refused_on_the_page_may_try_again_there()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "fail", code = "cc_rejected_high_risk" });
        await app.EventsCome();
        Assert.Equal(("failed", "suspected_fraud"), ((await ana.Look(payment)).Status(), (await ana.Look(payment)).GetProperty("failureCode").GetString()));

        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task Money_goes_back_in_parts_and_whole()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (order, payment) = await app.PaidBy(ana, Provider, method: null, total: 2590);

        await staff.GiveBack(payment, 590);
        await app.EventsCome();
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        await staff.GiveBack(payment);
        await app.EventsCome();

        Assert.Equal("""{"amount":2590,"currency":"BRL"}""", (await ana.Look(payment)).GetProperty("refundedAmount").GetRawText());
        Assert.Equal("refunded", await app.StatusOf(payment));
        Assert.Equal("refunded", (await app.OrderOf(order)).PaymentStatus);
        Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment} and origin <> 'ours'"));
    }

    [Fact]
    public async Task A_refund_that_is_refused_can_be_asked_again()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.PaidBy(ana, Provider, "pix");
        await app.Set(Provider, new { failedRefunds = 1 });
        var refund = (await staff.GiveBack(payment, 500)).GetProperty("id").GetGuid();
        await app.EventsCome();
        var refused = await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}");
        Assert.Equal(("failed", "not_refundable"), (refused.Status(), refused.GetProperty("failureCode").GetString()));

        await (await staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal("succeeded", (await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}")).Status());
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task Money_that_goes_back_in_their_dashboard_is_found()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.PaidBy(ana, Provider, method: null);
        await staff.Happens(payment, new { @do = "refund", amount = 700 });
        await app.EventsCome();
        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        Assert.Equal(700, await app.Count($"select sum(amount)::bigint from payments.refunds where payment_id = {payment} and origin = 'provider'"));
    }

    [Theory]
    [InlineData("win_dispute", "won", "succeeded")]
    [InlineData("lose_dispute", "lost", "refunded")]
    public async Task A_dispute_is_open_and_then_won_or_lost(string deed, string dispute, string status)
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "dispute" });
        await app.EventsCome();
        Assert.Equal("disputed", await app.StatusOf(payment));
        await ana.Happens(payment, new { @do = deed });
        await app.EventsCome();

        var ended = await ana.Look(payment);
        Assert.Equal((status, dispute), (ended.Status(), ended.GetProperty("dispute").GetString()));
        Assert.Contains("changed_case_status", (await ana.Told(payment)).Select(told => told.GetProperty("type").GetString()!), StringComparer.Ordinal);
        // Each of its notices was about a payment that we know.
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where type = 'changed_case_status' and (payment_id is null or state <> 'handled')"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pix")]
    public async Task An_answer_that_is_lost_leaves_one_charge(string? method)
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        await app.Set(Provider, new { lostAnswers = 4 });
        var begun = await ana.PayBy(order, Provider, method);
        Assert.Equal("processing", begun.Status());
        var payment = begun.GetProperty("id").GetGuid();
        await app.Set(Provider, new { });
        await app.Later(30);

        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(1, await app.Count($"select count(*) from payments.simulated_things where provider = {Provider} and parent = {payment.ToString()}"));
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task A_card_whose_answer_is_lost_is_charged_once()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        await app.Set(Provider, new { lostAnswers = 4 });
        var payment = (await Token(ana, order, "APRO")).GetProperty("id").GetGuid();
        await app.Set(Provider, new { });
        await app.Later(30);

        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(1, await app.Count($"select count(*) from payments.simulated_things where provider = {Provider} and parent = {payment.ToString()}"));
        Assert.Equal(1, app.Announced.Of(payment));
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("out_of_order")]
    public async Task Notices_that_come_twice_or_in_another_order_change_nothing_more(string delivery)
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "fail", delivery });
        await ana.Happens(payment, new { @do = "succeed", delivery });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(1, app.Announced.Of(payment));
        foreach (var told in await ana.Told(payment))
            await (await ana.Post($"/api/v1/simulator/events/{told.GetProperty("id").GetGuid()}/send", new { })).Read(HttpStatusCode.Accepted);
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1, app.Announced.Of(payment));
    }

    [Fact]
    public async Task A_notice_that_never_comes_is_made_good_when_the_payer_returns()
    {
        var ana = await app.Somebody();
        var (_, payment, _) = await app.Begin(ana, Provider, "pix");
        // The one that it was made comes.
        await app.EventsCome();
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await app.EventsCome();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal("succeeded", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
    }

    [Fact]
    public async Task A_notice_is_heard_though_the_search_there_does_not_find_its_payment_yet()
    {
        var ana = await app.Somebody();
        var (_, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "succeed" });
        // The payment itself can be asked for; the search, which goes by this, is behind.
        Assert.Equal(1, await app.WithDb(db => db.Execute($"update payments.simulated_things set parent = null where provider = {Provider} and kind = 'payment' and parent = {payment.ToString()}", TestContext.Current.CancellationToken)));
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task A_page_whose_time_is_over_ends_the_payment()
    {
        var ana = await app.Somebody();
        var (_, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "expire" });
        await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK);
        Assert.Equal("cancelled", await app.StatusOf(payment));
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "succeed" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pix")]
    public async Task An_order_that_is_called_off_cannot_be_paid_there_any_more(string? method)
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method);
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal("cancelled", await app.StatusOf(payment));
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "succeed" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
    }

    [Fact]
    public async Task Money_that_is_only_held_is_taken()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, Provider, method: null);
        await ana.Happens(payment, new { @do = "authorize" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task What_was_made_there_is_listed_with_our_ids()
    {
        var ana = await app.Somebody();
        var from = app.Clock.GetUtcNow();
        var (_, page) = await app.PaidBy(ana, Provider, method: null);
        var (_, pix) = await app.PaidBy(ana, Provider, "pix");
        var provider = app.Services.GetServices<IPaymentProvider>().Single(provider => provider.Name == Provider);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var listed = await provider.List(from, app.Clock.GetUtcNow(), null, TestContext.Current.CancellationToken);
        Assert.Null(listed.Next);
        Assert.Superset(new HashSet<Guid?> { page, pix }, listed.Charges.Where(charge => charge.State is ChargeState.Succeeded).Select(charge => charge.PaymentId).ToHashSet());
        Assert.Empty((await provider.List(from.AddDays(-1), from.AddHours(-1), null, TestContext.Current.CancellationToken)).Charges);
    }

    [Fact]
    public async Task A_card_token_needs_its_brand()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        var answer = await (await ana.Post("/api/v1/payments", new { orderId = order, provider = Provider, method = "card", cardToken = "APRO" })).Read(HttpStatusCode.BadRequest);
        Assert.True(answer.GetProperty("errors").TryGetProperty("cardBrand", out _));
        Assert.Equal(0, await app.Count($"select count(*) from payments.payments where payable_id = {order}"));
    }

    private static async Task<JsonElement> Token(Person payer, Guid order, string token) =>
        await (await payer.Post("/api/v1/payments", new { orderId = order, provider = Provider, method = "card", cardToken = token, cardBrand = "master" })).Read(HttpStatusCode.Created);
}
