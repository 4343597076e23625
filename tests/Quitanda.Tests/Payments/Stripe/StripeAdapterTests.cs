using System.Text.Json;
using System.Text.Json.Nodes;
using Quitanda.Payments;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Stripe;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>
/// What leaves the house for Stripe, and what is made of what comes back. The objects are Stripe's own examples from github.com/stripe/openapi, <c>openapi/fixtures3.json</c> at
/// 00ea679fe5a8, with what a test is about changed in them; the parameters are those of <c>PaymentIntentCreateParams</c> and <c>RefundCreateParams</c> of stripe-node 23.1.0.
/// </summary>
public sealed class StripeAdapterTests
{
    private static readonly Guid PaymentId = Guid.Parse("0197f3a0-1111-7000-8000-000000000000");
    private static readonly DateTimeOffset Until = new(2026, 3, 4, 15, 30, 0, TimeSpan.Zero);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_card_is_asked_for_with_a_key_a_version_and_our_id()
    {
        using var stripe = new RecordedStripe().Answers(Intent().ToJsonString());

        var opened = await stripe.Provider.Create(Order(PaymentMethod.Card), "payment-1", _ct);

        var asked = Assert.Single(stripe.Asked);
        Assert.Equal(("POST", "https://api.stripe.com/v1/payment_intents", "application/x-www-form-urlencoded"), (asked.Method, asked.Address, asked.ContentType));
        Assert.Equal(("Bearer only-for-tests-a-key", "2026-10-28.endive", "payment-1"), (asked.Headers["Authorization"], asked.Headers["Stripe-Version"], asked.Headers["Idempotency-Key"]));
        Assert.Equal(["amount=3490", "currency=brl", $"metadata[payment_id]={PaymentId}", "payment_method_types[]=card"], asked.Form);
        Assert.Equal(("pi_1MoS6fLgUG5tbmjca6AdBPsl", "the-clients-secret"), (opened.Reference, opened.ClientSecret));
        Assert.Null(opened.News);
        Assert.Null(opened.RefusedCode);
    }

    [Fact]
    public async Task Without_a_method_the_account_decides()
    {
        using var stripe = new RecordedStripe().Answers(Intent().ToJsonString());
        await stripe.Provider.Create(Order(method: null), "payment-1", _ct);
        Assert.Contains("automatic_payment_methods[enabled]=true", Assert.Single(stripe.Asked).Form);
        Assert.DoesNotContain(stripe.Asked[0].Form, field => field.StartsWith("payment_method_types", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Pix_is_confirmed_at_once_and_lives_as_long_as_its_order_waits()
    {
        using var stripe = new RecordedStripe().Answers(Intent(("status", "requires_action"), ("next_action", new JsonObject
        {
            ["type"] = "pix_display_qr_code",
            // The members of PaymentIntent.NextAction.PixDisplayQrCode.
            ["pix_display_qr_code"] = new JsonObject
            {
                ["data"] = "00020126pix",
                ["expires_at"] = Until.ToUnixTimeSeconds(),
                ["hosted_instructions_url"] = "https://payments.stripe.com/qr/instructions/a",
                ["image_url_png"] = "https://qr.stripe.com/a.png",
                ["image_url_svg"] = "https://qr.stripe.com/a.svg",
            },
        })).ToJsonString());

        var opened = await stripe.Provider.Create(Order(PaymentMethod.Pix), "payment-1", _ct);

        Assert.Equal(
            ["amount=3490", "confirm=true", "currency=brl", $"metadata[payment_id]={PaymentId}", "payment_method_data[type]=pix", "payment_method_options[pix][expires_at]=1772638200", "payment_method_types[]=pix"],
            Assert.Single(stripe.Asked).Form);
        Assert.Equal(("00020126pix", Until, "https://payments.stripe.com/qr/instructions/a"), (opened.PixCode, opened.ExpiresAt!.Value, opened.CheckoutUrl));
        // With it a page could ask for another Pix, that outlives the order.
        Assert.Null(opened.ClientSecret);
    }

    [Theory]
    [InlineData("""{"error":{"type":"invalid_request_error","code":"amount_too_small","message":"...","param":"amount"}}""", 400, "amount_too_small")]
    [InlineData("""{"error":{"type":"invalid_request_error","message":"..."}}""", 400, "invalid_request_error")]
    [InlineData("""{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}}""", 402, "insufficient_funds")]
    [InlineData("""{"error":{"code":"payment_method_microdeposit_verification_amounts_mismatch"}}""", 400, "payment_method_microdeposit_verification_amounts_m")]
    [InlineData("""{"error":{"code":"<script>"}}""", 400, "unknown")]
    [InlineData("""{"error":{"code":"\ud800"}}""", 400, "unknown")]
    [InlineData("""{"error":{"code":7}}""", 400, "unknown")]
    public async Task A_refusal_is_an_answer(string body, int status, string code)
    {
        using var stripe = new RecordedStripe().Answers(body, status).Answers("""{"object":"list","data":[],"has_more":false}""").Answers(body, status);
        Assert.Equal(code, (await stripe.Provider.Create(Order(PaymentMethod.Card), "payment-1", _ct)).RefusedCode);
        Assert.Equal(new(RefundState.Failed, FailureCode: code), await stripe.Provider.Refund(Charge(), Refund(), _ct));
    }

    [Fact]
    public async Task A_Pix_that_is_refused_when_confirmed_is_a_failed_charge_and_not_a_lost_one()
    {
        var error = new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = "do_not_honor" };
        using var stripe = new RecordedStripe().Answers(new { error = new { type = "card_error", code = "card_declined", payment_intent = Intent(("last_payment_error", error)) } }, 402);
        var opened = await stripe.Provider.Create(Order(PaymentMethod.Pix), "payment-1", _ct);
        Assert.Equal(("pi_1MoS6fLgUG5tbmjca6AdBPsl", ChargeState.Failed, "do_not_honor"), (opened.Reference, opened.News!.State, opened.News.FailureCode));
    }

    [Theory]
    [InlineData(401, """{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: only-for-tests-a-key"}}""")]
    [InlineData(403, """{"error":{"type":"invalid_request_error","message":"..."}}""")]
    [InlineData(409, """{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}""")]
    [InlineData(302, "")]
    [InlineData(404, "{}")]
    [InlineData(400, """{"message":"of a proxy"}""")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"object":"payment_intent"}""")]
    [InlineData(200, """{"id":"ch_1","object":"charge","status":"succeeded"}""")]
    public async Task What_is_not_Stripes_word_is_nobodys_and_says_no_secret(int status, string body)
    {
        using var stripe = new RecordedStripe().Answers(body, status);
        var error = await Assert.ThrowsAsync<ProviderUnavailableException>(() => stripe.Provider.Create(Order(PaymentMethod.Card), "payment-1", _ct));
        Assert.DoesNotContain(RecordedStripe.Key, error.ToString(), StringComparison.Ordinal);
        if (status is 401 or 403)
            Assert.Contains("Stripe:SecretKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Stripe_has_no_time_for_is_asked_again_with_the_same_key()
    {
        using var stripe = new RecordedStripe().Answers("{}", 500).Answers("{}", 429).Answers(Intent().ToJsonString());
        Assert.Equal("pi_1MoS6fLgUG5tbmjca6AdBPsl", (await stripe.Provider.Create(Order(PaymentMethod.Card), "payment-1", _ct)).Reference);
        Assert.Equal(["payment-1", "payment-1", "payment-1"], stripe.Asked.Select(asked => asked.Headers["Idempotency-Key"]));
        Assert.Single(stripe.Asked.Select(asked => asked.Body).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("requires_payment_method", false, "open")]
    [InlineData("requires_payment_method", true, "failed")]
    [InlineData("requires_confirmation", false, "open")]
    [InlineData("requires_action", true, "open")]
    [InlineData("processing", false, "open")]
    [InlineData("requires_capture", false, "authorized")]
    [InlineData("succeeded", false, "succeeded")]
    [InlineData("canceled", true, "cancelled")]
    [InlineData("a_word_of_tomorrow", false, "open")]
    public async Task Each_status_of_an_intent_is_a_state_here(string status, bool hasError, string state)
    {
        using var stripe = new RecordedStripe().Answers(Intent(("status", status), ("last_payment_error", hasError ? new JsonObject { ["code"] = "expired_card" } : null)).ToJsonString());
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal((Wire.Parse<ChargeState>(state), state == "failed" ? "expired_card" : null), (news.State, news.FailureCode));
        Assert.Equal("https://api.stripe.com/v1/payment_intents/pi_1MoS6fLgUG5tbmjca6AdBPsl?expand[]=latest_charge.balance_transaction", Assert.Single(stripe.Asked).Address);
        Assert.False(stripe.Asked[0].Headers.ContainsKey("Idempotency-Key"));
    }

    [Fact]
    public async Task A_charge_tells_its_name_its_fee_and_what_went_back()
    {
        using var stripe = new RecordedStripe().Answers(Paid(("amount_refunded", 400L)).ToJsonString());
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal(new("pi_1MoS6fLgUG5tbmjca6AdBPsl", ChargeState.Succeeded)
        {
            ChargeReference = "ch_1MoS30LgUG5tbmjcjfsQqpHI",
            Amount = new(3490, "BRL"),
            // The account is paid in dollars.
            Fee = new(62, "USD"),
            RefundedAmount = 400,
            PaymentId = PaymentId,
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1234567890),
        }, news);
    }

    [Fact]
    public async Task A_fee_that_is_not_known_yet_is_none()
    {
        using var stripe = new RecordedStripe().Answers(Paid(("balance_transaction", null)).ToJsonString()).Answers(Paid(("balance_transaction", "txn_1Moqx7LgUG5tbmjcEekVfAbn")).ToJsonString());
        Assert.Null((await stripe.Provider.Fetch(Charge(), _ct)).Fee);
        Assert.Null((await stripe.Provider.Fetch(Charge(), _ct)).Fee);
    }

    [Theory]
    [InlineData("needs_response", 3490, "brl", "open", 3490)]
    [InlineData("under_review", 1000, "brl", "open", 1000)]
    [InlineData("appeal_needs_response", 1000, "brl", "open", 1000)]
    [InlineData("appeal_under_review", 1000, "brl", "open", 1000)]
    [InlineData("won", 3490, "brl", "won", 3490)]
    [InlineData("lost", 3600, "brl", "lost", 3490)]
    [InlineData("lost", 700, "usd", "lost", 3490)]
    [InlineData("lost,needs_response,won", 3490, "brl", "open", 3490)]
    [InlineData("won,lost", 3490, "brl", "lost", 3490)]
    [InlineData("warning_needs_response", 3490, "brl", null, 0)]
    [InlineData("warning_under_review", 3490, "brl", null, 0)]
    [InlineData("warning_closed", 3490, "brl", null, 0)]
    [InlineData("prevented", 3490, "brl", null, 0)]
    [InlineData("a_word_of_tomorrow", 3490, "brl", null, 0)]
    public async Task A_dispute_is_asked_for_where_the_charge_has_one(string statuses, long amount, string currency, string? state, long disputed)
    {
        var disputes = statuses.Split(',').Select(status => new { id = "du_1", @object = "dispute", status, amount, currency });
        using var stripe = new RecordedStripe().Answers(Paid(("disputed", true)).ToJsonString()).Answers(new { @object = "list", data = disputes, has_more = false });
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal("https://api.stripe.com/v1/disputes?payment_intent=pi_1MoS6fLgUG5tbmjca6AdBPsl&limit=100", stripe.Asked[1].Address);
        Assert.Equal(state is null ? null : new DisputeNews(Wire.Parse<DisputeState>(state), new(disputed, "BRL")), news.Dispute);
        Assert.Equal(ChargeState.Succeeded, news.State);
    }

    [Fact]
    public async Task Money_is_taken_under_the_given_key_and_what_cannot_be_taken_says_how_it_stands()
    {
        using var stripe = new RecordedStripe().Answers(Paid().ToJsonString()).Answers("""{"error":{"code":"payment_intent_unexpected_state"}}""", 400).Answers(Intent(("status", "canceled")).ToJsonString());
        Assert.Equal(ChargeState.Succeeded, (await stripe.Provider.Capture(Charge(), "capture-1", _ct)).State);
        Assert.Equal(("POST", "https://api.stripe.com/v1/payment_intents/pi_1MoS6fLgUG5tbmjca6AdBPsl/capture", "capture-1"), (stripe.Asked[0].Method, stripe.Asked[0].Address, stripe.Asked[0].Headers["Idempotency-Key"]));
        Assert.Equal(["expand[]=latest_charge.balance_transaction"], stripe.Asked[0].Form);
        Assert.Equal(ChargeState.Cancelled, (await stripe.Provider.Capture(Charge(), "capture-1", _ct)).State);
    }

    [Fact]
    public async Task A_cancellation_that_comes_too_late_learns_that_it_was_paid()
    {
        using var stripe = new RecordedStripe().Answers(Intent(("status", "canceled")).ToJsonString()).Answers("""{"error":{"code":"payment_intent_unexpected_state"}}""", 400).Answers(Paid().ToJsonString());
        Assert.Equal(ChargeState.Cancelled, (await stripe.Provider.Cancel(Charge(), _ct)).State);
        Assert.Equal("https://api.stripe.com/v1/payment_intents/pi_1MoS6fLgUG5tbmjca6AdBPsl/cancel", stripe.Asked[0].Address);
        Assert.Equal(ChargeState.Succeeded, (await stripe.Provider.Cancel(Charge(), _ct)).State);
        // Under the first key Stripe would say again what is true no more.
        Assert.NotEqual(stripe.Asked[0].Headers["Idempotency-Key"], stripe.Asked[1].Headers["Idempotency-Key"]);
    }

    [Theory]
    [InlineData("succeeded", "succeeded", null)]
    [InlineData("pending", "pending", null)]
    [InlineData("requires_action", "pending", null)]
    [InlineData("failed", "failed", "lost_or_stolen_card")]
    [InlineData("canceled", "failed", "lost_or_stolen_card")]
    public async Task A_refund_that_is_there_is_read_and_not_made_again(string status, string state, string? code)
    {
        var found = new { id = "re_2", @object = "refund", status, failure_reason = code, metadata = new { refund_key = "refund-1" } };
        var other = new { id = "re_1", @object = "refund", status = "failed", metadata = new { refund_key = "refund-0" } };
        using var stripe = new RecordedStripe().Answers(new { data = (object[])[other], has_more = true }).Answers(new { data = (object[])[found], has_more = false });
        Assert.Equal(new(Wire.Parse<RefundState>(state), "re_2", code), await stripe.Provider.Refund(Charge(), Refund(), _ct));
        Assert.Equal(
            ["https://api.stripe.com/v1/refunds?payment_intent=pi_1MoS6fLgUG5tbmjca6AdBPsl&limit=100", "https://api.stripe.com/v1/refunds?payment_intent=pi_1MoS6fLgUG5tbmjca6AdBPsl&limit=100&starting_after=re_1"],
            stripe.Asked.Select(asked => asked.Address));
    }

    [Fact]
    public async Task A_refund_is_made_once_with_its_key_and_our_ids()
    {
        using var stripe = new RecordedStripe().Answers("""{"object":"list","data":[],"has_more":false}""").Answers("""{"id":"re_1MoqxHLgUG5tbmjcYO7PFWn6","object":"refund","status":"succeeded","amount":100}""");
        Assert.Equal(new(RefundState.Succeeded, "re_1MoqxHLgUG5tbmjcYO7PFWn6"), await stripe.Provider.Refund(Charge(), Refund(), _ct));
        var asked = stripe.Asked[1];
        Assert.Equal(("POST", "https://api.stripe.com/v1/refunds", "refund-1"), (asked.Method, asked.Address, asked.Headers["Idempotency-Key"]));
        Assert.Equal(
            ["amount=100", "metadata[payment_id]=0197f3a0-1111-7000-8000-000000000000", "metadata[refund_id]=0197f3a0-2222-7000-8000-000000000000", "metadata[refund_key]=refund-1", "payment_intent=pi_1MoS6fLgUG5tbmjca6AdBPsl"],
            asked.Form);
    }

    [Fact]
    public async Task A_refunds_key_that_was_used_otherwise_is_no_refusal()
    {
        using var stripe = new RecordedStripe().Answers("""{"object":"list","data":[],"has_more":false}""").Answers("""{"error":{"type":"idempotency_error","message":"..."}}""", 400);
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => stripe.Provider.Refund(Charge(), Refund(), _ct));
    }

    [Fact]
    public async Task Charges_are_listed_by_the_time_they_were_made_in_pages()
    {
        using var stripe = new RecordedStripe().Answers(new { data = (object[])[Paid()], has_more = true }).Answers(new { data = (object[])[Intent()], has_more = false });
        var first = await stripe.Provider.List(Until, Until.AddDays(1), cursor: null, _ct);
        Assert.Equal((1, "pi_1MoS6fLgUG5tbmjca6AdBPsl"), (first.Charges.Count, first.Next));
        Assert.Equal((PaymentId, new Money(3490, "BRL"), 0L), (first.Charges[0].PaymentId, first.Charges[0].Amount, first.Charges[0].RefundedAmount));
        Assert.Null((await stripe.Provider.List(Until, Until.AddDays(1), first.Next, _ct)).Next);
        Assert.Equal(
            "https://api.stripe.com/v1/payment_intents?created[gte]=1772638200&created[lt]=1772724600&limit=100&expand[]=data.latest_charge.balance_transaction&starting_after=pi_1MoS6fLgUG5tbmjca6AdBPsl",
            stripe.Asked[1].Address);
    }

    [Fact]
    public async Task An_intent_says_whose_payment_it_is_or_that_it_is_none_of_ours()
    {
        using var stripe = new RecordedStripe().Answers(Intent().ToJsonString()).Answers(Intent(("metadata", new JsonObject { ["payment_id"] = "7" })).ToJsonString()).Answers("""{"error":{"code":"resource_missing"}}""", 404);
        Assert.Equal(PaymentId, await stripe.Provider.PaymentOf("pi_1", _ct));
        Assert.Null(await stripe.Provider.PaymentOf("pi_2", _ct));
        Assert.Null(await stripe.Provider.PaymentOf("pi_3/../../x?y", _ct));
        Assert.Equal("https://api.stripe.com/v1/payment_intents/pi_3%2F..%2F..%2Fx%3Fy", stripe.Asked[2].Address);
    }

    [Fact]
    public async Task A_charge_that_Stripe_does_not_know_is_not_failed()
    {
        using var stripe = new RecordedStripe().Answers("""{"error":{"code":"resource_missing"}}""", 404);
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => stripe.Provider.Fetch(Charge(), _ct));
    }

    [Fact]
    public void What_Stripe_cannot_do_is_refused_before_anything_is_asked()
    {
        using var stripe = new RecordedStripe();
        Assert.Equal("method", Refused(Order(PaymentMethod.Pix) with { Amount = new(100, "USD") }));
        Assert.Equal("installments", Refused(Order(PaymentMethod.Card) with { Installments = 3 }));
        Assert.Equal("cardToken", Refused(Order(PaymentMethod.Card) with { Input = new("token") }));
        Assert.Equal("provider", Refused(Order(PaymentMethod.Card) with { Amount = new(5124, "KWD") }));
        stripe.Provider.Check(Order(PaymentMethod.Card) with { Amount = new(5120, "KWD"), Installments = 1 });
        string Refused(PaymentOrder order) => Assert.Throws<InvalidException>(() => stripe.Provider.Check(order)).Field;
    }

    [Fact]
    public void Without_a_key_it_is_off_and_says_so()
    {
        using var off = new RecordedStripe(new());
        using var on = new RecordedStripe();
        Assert.Equal(("Stripe:SecretKey is not set.", null), (off.Provider.WhyOff, off.Provider.PublicKey));
        Assert.Equal((null, "a-public-key"), (on.Provider.WhyOff, on.Provider.PublicKey));
        Assert.Equal([PaymentMethod.Card, PaymentMethod.Pix], on.Provider.Methods);
    }

    /// <summary>As https://docs.stripe.com/currencies has them: two decimals for ISK and UGX, none for MGA, and 0 as the third.</summary>
    [Theory]
    [InlineData(3490, "BRL", 3490)]
    [InlineData(500, "JPY", 500)]
    [InlineData(5, "ISK", 500)]
    [InlineData(5, "UGX", 500)]
    [InlineData(500, "MGA", 5)]
    [InlineData(501, "MGA", null)]
    [InlineData(5120, "KWD", 5120)]
    [InlineData(5124, "KWD", null)]
    [InlineData(1045, "HUF", 1045)]
    [InlineData(80045, "TWD", 80045)]
    public void Amounts_are_written_as_Stripe_counts_them(long ours, string currency, int? theirs)
    {
        Assert.Equal(theirs, StripeMoney.Of(new(ours, currency)));
        if (theirs is not null)
            Assert.Equal(new(ours, currency), StripeMoney.Read(theirs, currency.ToLowerInvariant()));
    }

    [Theory]
    [InlineData(550L, "isk")]
    [InlineData(-1L, "brl")]
    [InlineData(1L, "xyz")]
    [InlineData(long.MaxValue, "brl")]
    [InlineData(long.MaxValue, "mga")]
    [InlineData(null, "brl")]
    [InlineData(1L, null)]
    public void What_is_no_amount_of_ours_is_none(long? amount, string? currency) => Assert.Null(StripeMoney.Read(amount, currency));

    private static PaymentOrder Order(PaymentMethod? method) => new(PaymentId, new(3490, "BRL"), method, Installments: null, ReturnUrl: null, Until, new(Email: "ana@example.com"));

    private static Charge Charge() => new(PaymentId, "pi_1MoS6fLgUG5tbmjca6AdBPsl", ChargeReference: null, new(3490, "BRL"));

    private static RefundOrder Refund() => new(Guid.Parse("0197f3a0-2222-7000-8000-000000000000"), new(100, "BRL"), "refund-1", "Cold");

    private static JsonObject Intent(params (string Name, JsonNode? Value)[] changes) => Changed("""
        {
          "amount": 3490, "amount_capturable": 0, "amount_details": { "tip": {} }, "amount_received": 0, "application": null, "application_fee_amount": null,
          "automatic_payment_methods": null, "canceled_at": 1234567890, "cancellation_reason": null, "capture_method": "automatic", "client_secret": "the-clients-secret",
          "confirmation_method": "automatic", "created": 1234567890, "currency": "brl", "customer": null, "description": null, "id": "pi_1MoS6fLgUG5tbmjca6AdBPsl", "invoice": null,
          "last_payment_error": null, "latest_charge": null, "livemode": false, "metadata": { "payment_id": "0197f3a0-1111-7000-8000-000000000000" }, "next_action": null,
          "object": "payment_intent", "on_behalf_of": null, "payment_method": null, "payment_method_options": {}, "payment_method_types": ["card"], "processing": null,
          "receipt_email": null, "review": null, "setup_future_usage": null, "shipping": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
          "status": "requires_payment_method", "transfer_data": null, "transfer_group": null
        }
        """, changes);

    private static JsonObject Paid(params (string Name, JsonNode? Value)[] changesOfCharge) =>
        Intent(("status", "succeeded"), ("amount_received", 3490), ("latest_charge", Changed("""
            {
              "amount": 3490, "amount_captured": 3490, "amount_refunded": 0, "application": null, "application_fee": null, "application_fee_amount": null,
              "balance_transaction": {
                "amount": 620, "available_on": 1234567890, "created": 1234567890, "currency": "usd", "description": "My First Test Charge (created for API docs)", "exchange_rate": 0.1777,
                "fee": 62, "fee_details": [], "id": "txn_1Moqx7LgUG5tbmjcEekVfAbn", "net": 558, "object": "balance_transaction", "reporting_category": "charge",
                "source": "ch_1MoS30LgUG5tbmjcjfsQqpHI", "status": "available", "type": "charge"
              },
              "captured": true, "created": 1234567890, "currency": "brl", "disputed": false, "failure_code": null, "failure_message": null, "id": "ch_1MoS30LgUG5tbmjcjfsQqpHI",
              "livemode": false, "metadata": {}, "object": "charge", "outcome": null, "paid": true, "payment_intent": "pi_1MoS6fLgUG5tbmjca6AdBPsl", "refunded": false, "status": "succeeded"
            }
            """, changesOfCharge)));

    private static JsonObject Changed(string example, (string Name, JsonNode? Value)[] changes)
    {
        var changed = JsonNode.Parse(example)!.AsObject();
        foreach (var (name, value) in changes)
            changed[name] = value;
        return changed;
    }
}
