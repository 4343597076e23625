using System.Text.Json.Nodes;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;
using static Quitanda.Tests.Payments.Stripe.StripeExamples;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>What leaves the house for Stripe: the parameters are those of <c>PaymentIntentCreateParams</c> and <c>RefundCreateParams</c> of stripe-node 23.1.0.</summary>
public sealed class StripeAdapterTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_card_is_asked_for_with_a_key_a_version_and_our_id()
    {
        using var stripe = new RecordedStripe().Answers(Intent().ToJsonString());

        var opened = await stripe.Provider.Create(Order(PaymentMethod.Card), "payment-1", _ct);

        var asked = Assert.Single(stripe.Asked);
        Assert.Equal(("POST", "https://api.stripe.com/v1/payment_intents", "application/x-www-form-urlencoded"), (asked.Method, asked.Address, asked.ContentType));
        Assert.Equal(("Bearer only-for-tests-a-key", "2026-10-28.endive", "payment-1"), (asked.Headers["Authorization"], asked.Headers["Stripe-Version"], asked.Headers["Idempotency-Key"]));
        Assert.Equal(["amount=3490", "currency=brl", $"metadata[payment_id]={PaymentId}", "payment_method_types[]=card"], asked.Form, StringComparer.Ordinal);
        Assert.Equal(("pi_1MoS6fLgUG5tbmjca6AdBPsl", "the-clients-secret"), (opened.Reference, opened.ClientSecret));
        Assert.Null(opened.News);
        Assert.Null(opened.RefusedCode);
    }

    [Fact]
    public async Task Without_a_method_the_account_decides()
    {
        using var stripe = new RecordedStripe().Answers(Intent().ToJsonString());
        await stripe.Provider.Create(Order(method: null), "payment-1", _ct);
        Assert.Contains("automatic_payment_methods[enabled]=true", Assert.Single(stripe.Asked).Form, StringComparer.Ordinal);
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
            Assert.Single(stripe.Asked).Form, StringComparer.Ordinal);
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
        Assert.Equal(["payment-1", "payment-1", "payment-1"], stripe.Asked.Select(asked => asked.Headers["Idempotency-Key"]), StringComparer.Ordinal);
        Assert.Single(stripe.Asked.Select(asked => asked.Body).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Money_is_taken_under_the_given_key_and_what_cannot_be_taken_says_how_it_stands()
    {
        using var stripe = new RecordedStripe().Answers(Paid().ToJsonString()).Answers("""{"error":{"code":"payment_intent_unexpected_state"}}""", 400).Answers(Intent(("status", "canceled")).ToJsonString());
        Assert.Equal(ChargeState.Succeeded, (await stripe.Provider.Capture(Charge(), "capture-1", _ct)).State);
        Assert.Equal(("POST", "https://api.stripe.com/v1/payment_intents/pi_1MoS6fLgUG5tbmjca6AdBPsl/capture", "capture-1"), (stripe.Asked[0].Method, stripe.Asked[0].Address, stripe.Asked[0].Headers["Idempotency-Key"]));
        Assert.Equal(["expand[]=latest_charge.balance_transaction"], stripe.Asked[0].Form, StringComparer.Ordinal);
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
        Assert.NotEqual(stripe.Asked[0].Headers["Idempotency-Key"], stripe.Asked[1].Headers["Idempotency-Key"], StringComparer.Ordinal);
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
            stripe.Asked.Select(asked => asked.Address), StringComparer.Ordinal);
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
            asked.Form, StringComparer.Ordinal);
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
}
