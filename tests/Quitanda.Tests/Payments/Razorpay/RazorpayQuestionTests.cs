using Quitanda.Payments.Providers;
using Quitanda.Platform;
using static Quitanda.Tests.Payments.Razorpay.RazorpayTalk;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>
/// What leaves for Razorpay, and what is made of its answers. The answers are those of its own pages, shortened to what is read: razorpay.com/docs/api/orders (create, fetch-all,
/// fetch-payments, fetch-all-expanded-payments), /api/payments (capture, entity), /api/refunds (create-normal, normal-refunds-idempotent, fetch-multiple-refund-payment), /api/disputes.
/// </summary>
public sealed class RazorpayQuestionTests
{
    private const string Made = """
        {"amount":5000,"amount_due":5000,"amount_paid":0,"attempts":0,"created_at":1756455561,"currency":"INR","entity":"order","id":"order_RB58MiP5SPFYyM",
         "notes":{"payment_id":"018f0000-0000-7000-8000-000000000001"},"offer_id":null,"receipt":"payment-018f0000000070008000000000000001","status":"created"}
        """;

    private const string TooLittle = """
        {"error":{"code":"BAD_REQUEST_ERROR","description":"The amount must be at least INR 1.00","source":"business","step":"payment_initiation","reason":"input_validation_failed","metadata":{},"field":"amount"}}
        """;

    private const string Stranger = """{"error":{"code":"BAD_REQUEST_ERROR","description":"The api key provided is invalid","source":"NA","step":"NA","reason":"NA","metadata":{}}}""";

    private const string Key = "payment-018f0000000070008000000000000001";

    private const string Search = $"GET /v1/orders?receipt={Key}&count=100";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly RazorpayTalk _talk = new();

    [Fact]
    public async Task An_order_is_made_once_it_is_known_that_there_is_none()
    {
        _talk.Items(Search).Plan("POST /v1/orders", Made);
        var opened = await _talk.Us.Create(OrderOf(), Key, _ct);

        Assert.Equal("order_RB58MiP5SPFYyM", opened.Reference);
        Assert.Equal((null, null, null), (opened.ClientSecret, opened.CheckoutUrl, opened.RefusedCode));
        Assert.Equal([Search, "POST /v1/orders"], _talk.Asked);
        Assert.Equal(["""{"amount":5000,"currency":"INR","receipt":"payment-018f0000000070008000000000000001","notes":{"payment_id":"018f0000-0000-7000-8000-000000000001"}}"""], _talk.Bodies);
        // Razorpay takes no more.
        Assert.Equal(40, Key.Length);
        Assert.Equal(Key, $"payment-{RazorpayTalk.Payment:N}");
    }

    [Fact]
    public async Task An_order_that_is_there_is_taken()
    {
        _talk.Items(Search, Made);
        Assert.Equal("order_RB58MiP5SPFYyM", (await _talk.Us.Create(OrderOf(), Key, _ct)).Reference);
        Assert.Equal([Search], _talk.Asked);
    }

    [Fact]
    public async Task Of_two_orders_that_are_there_everybody_takes_the_same()
    {
        string[] two = [Made, Made.Replace("order_RB58MiP5SPFYyM", "order_Later000000001").Replace("1756455561", "1756455562")];
        Assert.Equal("order_RB58MiP5SPFYyM", (await new RazorpayTalk().Items(Search, two).Us.Create(OrderOf(), Key, _ct)).Reference);
        Assert.Equal("order_RB58MiP5SPFYyM", (await new RazorpayTalk().Items(Search, two[1], two[0]).Us.Create(OrderOf(), Key, _ct)).Reference);
        // What was tried is what its payer has before them.
        two[1] = two[1].Replace("\"created\"", "\"attempted\"");
        Assert.Equal("order_Later000000001", (await new RazorpayTalk().Items(Search, two).Us.Create(OrderOf(), Key, _ct)).Reference);
    }

    [Fact]
    public async Task What_only_contains_the_receipt_or_costs_something_else_is_another_order()
    {
        _talk.Items(Search, Made.Replace("01\",\"status", "012\",\"status"), Made.Replace("\"amount\":5000", "\"amount\":4000")).Plan("POST /v1/orders", Made.Replace("order_RB58MiP5SPFYyM", "order_New"));
        Assert.Equal("order_New", (await _talk.Us.Create(OrderOf(), Key, _ct)).Reference);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_is_looked_at_twice()
    {
        _talk.Items(Search).Plan("POST /v1/orders", TooLittle, 400);
        var refused = await _talk.Us.Create(OrderOf(amount: 50), Key, _ct);
        Assert.Equal((null, "input_validation_failed"), (refused.Reference, refused.RefusedCode));
        Assert.Equal([Search, "POST /v1/orders", Search], _talk.Asked);

        // The receipt is not unique, so somebody else has just made it.
        var late = new RazorpayTalk().Items(Search).Items(Search, Made).Plan("POST /v1/orders", TooLittle, 400);
        Assert.Equal("order_RB58MiP5SPFYyM", (await late.Us.Create(OrderOf(), Key, _ct)).Reference);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(429)]
    public async Task An_order_is_not_asked_for_again_by_itself(int status)
    {
        _talk.Items(Search).Plan("POST /v1/orders", "{}", status);
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => _talk.Us.Create(OrderOf(), Key, _ct));
        Assert.Equal([Search, "POST /v1/orders"], _talk.Asked);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    public async Task A_key_that_is_not_accepted_refuses_nothing_and_is_named_without_its_value(int status)
    {
        _talk.Items(Search).Plan("POST /v1/orders", Stranger, status).Items("GET /v1/payments/pay_29QQoUBi66xm2f/refunds").Plan("POST /v1/payments/pay_29QQoUBi66xm2f/refund", Stranger, status);
        var told = await Assert.ThrowsAsync<ProviderUnavailableException>(() => _talk.Us.Create(OrderOf(), Key, _ct));
        Assert.Contains("Razorpay:KeySecret", told.Message);
        Assert.DoesNotContain("the-key", told.Message);
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => _talk.Us.Refund(ChargeOf("pay_29QQoUBi66xm2f"), RefundOf(100), _ct));
    }

    [Fact]
    public void What_its_own_page_asks_of_the_payer_is_not_asked_for_here()
    {
        Assert.Equal("installments", Assert.Throws<InvalidException>(() => _talk.Us.Check(OrderOf(installments: 2))).Field);
        Assert.Equal("cardToken", Assert.Throws<InvalidException>(() => _talk.Us.Check(OrderOf(input: new(CardToken: "tok")))).Field);
        _talk.Us.Check(OrderOf(installments: 1));
        Assert.Equal("the-key-id", _talk.Us.PublicKey);
        Assert.Null(_talk.Us.WhyOff);
    }

    [Fact]
    public async Task Money_is_given_back_once_by_a_key_of_its_own()
    {
        _talk.Items("GET /v1/payments/pay_29QQoUBi66xm2f/refunds").Plan("POST /v1/payments/pay_29QQoUBi66xm2f/refund", """
            {"id":"rfnd_FP8QHiV938haTz","entity":"refund","amount":500100,"currency":"INR","payment_id":"pay_29QQoUBi66xm2f","notes":[],"receipt":null,"acquirer_data":{"arn":null},
             "created_at":1597078866,"batch_id":null,"status":"processed","speed_processed":"normal","speed_requested":"normal"}
            """);
        Assert.Equal(new(RefundState.Succeeded, "rfnd_FP8QHiV938haTz"), await _talk.Us.Refund(ChargeOf("pay_29QQoUBi66xm2f"), RefundOf(500100), _ct));
        Assert.Equal(["refund-018f0000000070008000000000000002"], _talk.RefundKeys);
        Assert.Equal(["""
            {"amount":500100,"speed":"normal","receipt":"refund-018f0000000070008000000000000002","notes":{"payment_id":"018f0000-0000-7000-8000-000000000001","refund_id":"018f0000-0000-7000-8000-000000000002"}}
            """.Trim()], _talk.Bodies);
    }

    [Theory]
    [InlineData("pending", "Pending", null)]
    [InlineData("processed", "Succeeded", null)]
    [InlineData("failed", "Failed", "refund_failed")]
    [InlineData("something new", "Pending", null)]
    public async Task A_refund_that_is_there_says_how_it_stands(string status, string state, string? code)
    {
        _talk.Items("GET /v1/payments/pay_29QQoUBi66xm2f/refunds",
            """{"id":"rfnd_FP8DDKxqJif6ca","entity":"refund","amount":300100,"currency":"INR","payment_id":"pay_29QQoUBi66xm2f","notes":{"comment":"Comment for refund"},"receipt":null,"status":"processed"}""",
            $$"""{"id":"rfnd_FP8DRfu3ygfOaC","entity":"refund","amount":200000,"currency":"INR","payment_id":"pay_29QQoUBi66xm2f","notes":[],"receipt":"refund-018f0000000070008000000000000002","status":"{{status}}"}""");
        Assert.Equal(new(Enum.Parse<RefundState>(state), "rfnd_FP8DRfu3ygfOaC", code), await _talk.Us.Refund(ChargeOf("pay_29QQoUBi66xm2f"), RefundOf(200000), _ct));
        Assert.Equal(["GET /v1/payments/pay_29QQoUBi66xm2f/refunds?count=100&skip=0"], _talk.Asked);
    }

    [Fact]
    public async Task A_refund_that_is_refused_has_failed_and_one_that_is_being_done_is_not_known()
    {
        const string refunds = "GET /v1/payments/pay_29QQoUBi66xm2f/refunds";
        const string refund = "POST /v1/payments/pay_29QQoUBi66xm2f/refund";
        _talk.Items(refunds).Plan(refund, TooLittle, 400);
        Assert.Equal(new(RefundState.Failed, Reference: null, "input_validation_failed"), await _talk.Us.Refund(ChargeOf("pay_29QQoUBi66xm2f"), RefundOf(50), _ct));

        var busy = new RazorpayTalk().Items(refunds).Plan(refund,
            """{"error":{"code":"BAD_REQUEST_ERROR","description":"Another request with the same idempotency key is still in progress.","reason":"NA","metadata":{}}}""", 409);
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => busy.Us.Refund(ChargeOf("pay_29QQoUBi66xm2f"), RefundOf(50), _ct));

        var unpaid = new RazorpayTalk().Items("GET /v1/orders/order_RB58MiP5SPFYyM/payments");
        Assert.Equal(new(RefundState.Failed, Reference: null, "not_captured"), await unpaid.Us.Refund(ChargeOf(), RefundOf(50), _ct));
    }

    [Fact]
    public async Task A_refund_far_down_the_list_is_found()
    {
        var page = Enumerable.Repeat("""{"id":"rfnd_Other","receipt":"another","status":"processed","amount":1}""", 100).ToArray();
        _talk.Items("GET /v1/payments/pay_1/refunds?count=100&skip=0", page)
            .Items("GET /v1/payments/pay_1/refunds?count=100&skip=100", """{"id":"rfnd_Ours","receipt":"refund-018f0000000070008000000000000002","status":"processed"}""");
        Assert.Equal("rfnd_Ours", (await _talk.Us.Refund(ChargeOf("pay_1"), RefundOf(50), _ct)).Reference);
    }

    private static RefundOrder RefundOf(long amount)
    {
        var id = Guid.Parse("018f0000-0000-7000-8000-000000000002");
        return new(id, new Money(amount, "INR"), $"refund-{id:N}", "Ana did not like it");
    }
}
