using System.Net;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>The whole way: an order, its payment at the simulated Razorpay, what Razorpay tells of it, and back again.</summary>
public sealed class RazorpayPayingTests(RazorpayApp app) : IClassFixture<RazorpayApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_is_paid_once_Razorpay_has_the_money()
    {
        var ana = await app.Somebody();
        var staff = await app.Somebody(Roles.Staff);
        var (order, payment, answer) = await app.Begin(ana, "razorpay", "upi");

        // What the payer's page opens Checkout with.
        Assert.Equal("pending", answer.Status());
        Assert.StartsWith("order_", answer.GetProperty("providerReference").GetString());
        Assert.Equal("simulated", answer.GetProperty("publicKey").GetString());
        Assert.False(answer.TryGetProperty("clientSecret", out _));
        Assert.False(answer.TryGetProperty("checkoutUrl", out _));

        await ana.Happens(payment, new { @do = "succeed" });
        Assert.Equal("pending", await app.StatusOf(payment));
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1, app.Announced.Of(payment));
        // Two in a hundred, and 18 in a hundred of that: 50 and 9.
        var seen = await staff.Look(payment);
        Assert.Equal((59L, "BRL"), (seen.GetProperty("fee").GetProperty("amount").GetInt64(), seen.GetProperty("fee").GetProperty("currency").GetString()));
        Assert.Equal(["order.paid", "payment.authorized", "payment.captured"], (await ana.Told(payment)).Select(told => told.GetProperty("type").GetString()).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(await ana.Told(payment), told => Assert.Equal(200, told.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Who_is_off_says_which_setting_is_missing_and_who_is_simulated_is_on()
    {
        var provider = (await app.Guest.GetAsync("/api/v1/payments/providers", _ct)).Read(HttpStatusCode.OK);
        var razorpay = (await provider).GetProperty("data").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "razorpay");
        Assert.True(razorpay.GetProperty("isOn").GetBoolean());
        Assert.Equal(["card", "upi"], razorpay.GetProperty("methods").EnumerateArray().Select(method => method.GetString()), StringComparer.Ordinal);

        var ana = await app.Somebody();
        var problem = await (await ana.Post("/api/v1/payments", new { orderId = await app.Order(ana), provider = "razorpay", method = "pix" })).Read(HttpStatusCode.BadRequest);
        Assert.Equal("razorpay takes card, upi.", problem.GetProperty("errors").GetProperty("method")[0].GetString());
    }

    [Fact]
    public async Task Money_that_is_held_is_taken_by_us()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "razorpay");
        await ana.Happens(payment, new { @do = "authorize" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        await ana.Post($"/api/v1/simulator/payments/{payment}", new { @do = "expire" }).IsRefused(HttpStatusCode.Conflict, "cannot_happen");
    }

    [Fact]
    public async Task Money_that_is_held_for_a_cancelled_order_is_left_to_go_back()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "razorpay");
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        await ana.Happens(payment, new { @do = "authorize" });
        await app.EventsCome();
        Assert.Equal("cancelled", await app.StatusOf(payment));
        // Razorpay lets go of it, and calls that refunded: nothing came in, and nothing goes back.
        await ana.Happens(payment, new { @do = "expire" });
        await app.EventsCome();
        Assert.Equal("cancelled", await app.StatusOf(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
    }

    [Fact]
    public async Task Money_for_a_cancelled_order_that_comes_in_all_the_same_goes_back()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "razorpay");
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);
        await app.EventsCome();
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        await app.Later();
        Assert.Equal("refunded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task Who_is_refused_tries_again_on_the_same_page_or_with_a_new_payment()
    {
        var ana = await app.Somebody();
        var (order, first, _) = await app.Begin(ana, "razorpay");
        await ana.Happens(first, new { @do = "fail", code = "incorrect_otp" });
        await app.EventsCome();
        Assert.Equal(("failed", "incorrect_otp"), ((await ana.Look(first)).Status(), (await ana.Look(first)).GetProperty("failureCode").GetString()));

        // Checkout lets its payer try again.
        await ana.Happens(first, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal("succeeded", await app.StatusOf(first));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));

        var (again, second, _) = await app.Begin(ana, "razorpay");
        await ana.Happens(second, new { @do = "fail" });
        await app.EventsCome();
        var third = (await ana.PayBy(again, "razorpay", "card")).GetProperty("id").GetGuid();
        await ana.Happens(third, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("failed", "succeeded"), (await app.StatusOf(second), await app.StatusOf(third)));
    }

    [Fact]
    public async Task Money_goes_back_in_parts_and_then_whole()
    {
        var ana = await app.Somebody();
        var staff = await app.Somebody(Roles.Staff);
        var (order, payment) = await app.PaidBy(ana, "razorpay");
        await staff.GiveBack(payment, 1000);
        await app.EventsCome();
        Assert.Equal(("partially_refunded", 1000L), await Standing(ana, payment));
        await staff.GiveBack(payment);
        await app.EventsCome();
        Assert.Equal(("refunded", 2500L), await Standing(ana, payment));
        Assert.Equal("refunded", (await app.OrderOf(order)).PaymentStatus);
        Assert.Equal([1000L, 1500L], await RefundsThere(payment));
    }

    [Fact]
    public async Task Money_that_somebody_gives_back_at_Razorpay_is_noted_here()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, "razorpay");
        await ana.Happens(payment, new { @do = "refund", amount = 700 });
        await app.EventsCome();
        Assert.Equal(("partially_refunded", 700L), await Standing(ana, payment));
    }

    [Fact]
    public async Task A_refund_that_is_refused_can_be_asked_again()
    {
        var ana = await app.Somebody();
        var staff = await app.Somebody(Roles.Staff);
        var (_, payment) = await app.PaidBy(ana, "razorpay");
        await app.Set("razorpay", new { failedRefunds = 1 });
        var refund = (await staff.GiveBack(payment)).GetProperty("id").GetGuid();
        await app.EventsCome();
        var failed = await staff.Get($"/api/v1/payments/{payment}/refunds/{refund}");
        Assert.Equal(("failed", "insufficient_balance"), (failed.Status(), failed.GetProperty("failureCode").GetString()));
        Assert.Equal(("succeeded", 0L), await Standing(ana, payment));

        await (await staff.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal(("refunded", 2500L), await Standing(ana, payment));
        Assert.Equal([2500L], await RefundsThere(payment));
    }

    [Theory]
    [InlineData("win_dispute", "succeeded", "won")]
    [InlineData("lose_dispute", "refunded", "lost")]
    public async Task A_bank_that_asks_the_money_back_wins_or_loses(string deed, string status, string dispute)
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, "razorpay");
        await ana.Happens(payment, new { @do = "dispute" });
        await app.EventsCome();
        Assert.Equal(("disputed", "open"), ((await ana.Look(payment)).Status(), (await ana.Look(payment)).GetProperty("dispute").GetString()));
        await ana.Happens(payment, new { @do = deed });
        await app.EventsCome();
        Assert.Equal((status, dispute), ((await ana.Look(payment)).Status(), (await ana.Look(payment)).GetProperty("dispute").GetString()));
    }

    [Fact]
    public async Task An_order_whose_making_nobody_heard_of_is_the_one_that_is_found()
    {
        var ana = await app.Somebody();
        app.Lose(answers: 1);
        var (order, payment, answer) = await app.Begin(ana, "razorpay");
        Assert.Equal("processing", answer.Status());
        Assert.Equal(1, await OrdersThere(payment));
        await app.Later(seconds: 60);
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(1, await OrdersThere(payment));

        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task However_often_a_payment_is_asked_for_it_is_one_order()
    {
        var ana = await app.Somebody();
        var (_, payment, answer) = await app.Begin(ana, "razorpay");
        var key = $"payment-{payment:N}";
        var razorpay = app.Services.Get<IEnumerable<IPaymentProvider>>().Single(provider => provider.Name == "razorpay");
        var order = new PaymentOrder(payment, new Money(2500, "BRL"), Method: null, Installments: null, ReturnUrl: null, ExpiresAt: null, PaymentInput.None);
        var again = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => razorpay.Create(order, key, _ct)));
        Assert.All(again, opened => Assert.Equal(answer.GetProperty("providerReference").GetString(), opened.Reference));
        Assert.Equal(1, await OrdersThere(payment));
    }

    [Fact]
    public async Task A_refund_whose_answer_is_lost_goes_back_once()
    {
        var ana = await app.Somebody();
        var staff = await app.Somebody(Roles.Staff);
        var (_, payment) = await app.PaidBy(ana, "razorpay");
        // However often it is asked for again: by the line itself, and later by the job.
        app.Lose(answers: 3);
        await staff.GiveBack(payment, 1000);
        await app.RunJobs();
        Assert.Equal([1000L], await RefundsThere(payment));
        Assert.Equal(("succeeded", 0L), await Standing(ana, payment));
        await app.Later(seconds: 120);
        Assert.Equal(("partially_refunded", 1000L), await Standing(ana, payment));
        Assert.Equal([1000L], await RefundsThere(payment));
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("out_of_order")]
    [InlineData("late")]
    public async Task However_events_come_a_payment_comes_in_once(string delivery)
    {
        var ana = await app.Somebody();
        var staff = await app.Somebody(Roles.Staff);
        var (order, payment, _) = await app.Begin(ana, "razorpay");
        await ana.Happens(payment, new { @do = "fail", delivery });
        await ana.Happens(payment, new { @do = "succeed", delivery });
        await ana.Happens(payment, new { @do = "refund", amount = 500, delivery });
        await app.Later(seconds: 61);
        await app.Later(seconds: 61);
        Assert.Equal(("partially_refunded", 500L), await Standing(ana, payment));
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.Equal("partially_refunded", (await app.OrderOf(order)).PaymentStatus);
        Assert.Equal(1, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        Assert.Equal(59, (await staff.Look(payment)).GetProperty("fee").GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_loses_nothing()
    {
        var ana = await app.Somebody();
        await app.Set("razorpay", new { failedCalls = 3 });
        var (order, payment, answer) = await app.Begin(ana, "razorpay");
        Assert.Equal("processing", answer.Status());
        await app.Later(seconds: 60);
        Assert.Equal("pending", await app.StatusOf(payment));
        await ana.Happens(payment, new { @do = "succeed" });
        await app.EventsCome();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task An_event_that_never_comes_is_made_good_by_asking()
    {
        var ana = await app.Somebody();
        var (order, payment, _) = await app.Begin(ana, "razorpay");
        await ana.Happens(payment, new { @do = "succeed", delivery = "never" });
        await app.EventsCome();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal("succeeded", (await (await ana.Post($"/api/v1/payments/{payment}/refresh", new { })).Read(HttpStatusCode.OK)).Status());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task What_Razorpay_lists_is_led_back_to_our_payments()
    {
        var ana = await app.Somebody();
        var (_, paid) = await app.PaidBy(ana, "razorpay");
        var (_, open, _) = await app.Begin(ana, "razorpay", total: 1200);
        var razorpay = app.Services.Get<IEnumerable<IPaymentProvider>>().Single(provider => provider.Name == "razorpay");
        List<ChargeNews> charges = [];
        for (string? cursor = "0"; cursor is not null;)
        {
            var page = await razorpay.List(app.Clock.GetUtcNow().AddMinutes(-5), app.Clock.GetUtcNow().AddSeconds(1), cursor, _ct);
            charges.AddRange(page.Charges);
            cursor = page.Next;
        }

        var (listed, other) = (Assert.Single(charges, charge => charge.PaymentId == paid), Assert.Single(charges, charge => charge.PaymentId == open));
        Assert.Equal((ChargeState.Succeeded, new Money(2500, "BRL"), 0L), (listed.State, listed.Amount, listed.RefundedAmount));
        Assert.Equal(ChargeState.Open, other.State);
    }

    private static async Task<(string Status, long Refunded)> Standing(Person person, Guid payment)
    {
        var seen = await person.Look(payment);
        return (seen.Status(), seen.GetProperty("refundedAmount").GetProperty("amount").GetInt64());
    }

    private Task<List<long>> RefundsThere(Guid payment) => app.WithDb(db => db.Read($"""
        select (r.body ->> 'amount')::bigint from payments.simulated_things r join payments.payments p on p.charge_reference = r.parent
        where r.provider = 'razorpay' and r.kind = 'refund' and p.id = {payment} order by r.created_at, 1
        """, row => row.GetInt64(0), CancellationToken.None));

    private Task<long> OrdersThere(Guid payment) =>
        app.Count($"select count(*) from payments.simulated_things where provider = 'razorpay' and kind = 'order' and parent = {string.Concat("payment-", payment.ToString("N"))}");
}
