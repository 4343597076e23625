using Quitanda.Payments.Providers;
using Quitanda.Platform;
using static Quitanda.Tests.Payments.Razorpay.RazorpayTalk;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>How an order stands, read from answers as on Razorpay's own pages: razorpay.com/docs/api/orders/fetch-payments, /api/payments/capture, /api/disputes/fetch-all.</summary>
public sealed class RazorpayNewsTests
{
    private const string Payments = "GET /v1/orders/order_RB58MiP5SPFYyM/payments";

    /// <summary>The two of the page on an order's payments.</summary>
    private const string Failed = """
        {"id":"pay_N8FUmetkCE2hZP","entity":"payment","amount":100,"currency":"INR","status":"failed","order_id":"order_N8FRN5zTm5S3wx","method":"upi","amount_refunded":0,"refund_status":null,
         "captured":false,"vpa":"failure@razorpay","notes":{"notes_key_1":"Tea"},"fee":null,"tax":null,"error_code":"BAD_REQUEST_ERROR","error_source":"gateway","error_step":"payment_response",
         "error_reason":"payment_failed","created_at":1701688684}
        """;

    private const string Captured = """
        {"id":"pay_N8FVRD1DzYzBh1","entity":"payment","amount":100,"currency":"INR","status":"captured","order_id":"order_N8FRN5zTm5S3wx","method":"upi","amount_refunded":0,"refund_status":null,
         "captured":true,"vpa":"success@razorpay","notes":{"payment_id":"018f0000-0000-7000-8000-0000000000ff"},"fee":2,"tax":0,"error_code":null,"error_reason":null,"created_at":1701688721}
        """;

    private static readonly string Authorized = Captured.Replace("\"captured\",\"order", "\"authorized\",\"order").Replace("\"captured\":true", "\"captured\":false").Replace("\"fee\":2", "\"fee\":null");

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly RazorpayTalk _talk = new();

    [Fact]
    public async Task What_came_in_is_the_orders_word_whatever_failed_before()
    {
        var news = await _talk.Items(Payments, Failed, Captured).Items("GET /v1/disputes").Us.Fetch(ChargeOf(amount: 100), _ct);
        Assert.Equal(new("order_RB58MiP5SPFYyM", ChargeState.Succeeded) { ChargeReference = "pay_N8FVRD1DzYzBh1", Amount = new Money(100, "INR"), Fee = new Money(2, "INR"), RefundedAmount = 0 }, news);
        Assert.Equal([Payments, "GET /v1/disputes?from=1701688721&count=100&skip=0"], _talk.Asked);
    }

    [Theory]
    [InlineData("created", ChargeState.Open, null)]
    [InlineData("authorized", ChargeState.Authorized, null)]
    [InlineData("failed", ChargeState.Failed, "payment_failed")]
    [InlineData("pending", ChargeState.Open, null)]
    public async Task Every_state_of_a_payment_is_one_of_ours(string status, object state, string? code)
    {
        var news = await _talk.Items(Payments, Failed.Replace("\"failed\",\"order", $"\"{status}\",\"order")).Us.Fetch(ChargeOf(), _ct);
        Assert.Equal(((ChargeState)state, code), (news.State, news.FailureCode));
    }

    [Fact]
    public async Task An_order_that_nobody_tried_to_pay_is_open() => Assert.Equal(new("order_RB58MiP5SPFYyM", ChargeState.Open), await _talk.Items(Payments).Us.Fetch(ChargeOf(), _ct));

    [Fact]
    public async Task Somebody_who_is_at_it_again_has_not_failed_and_of_failures_the_last_says_why()
    {
        var begun = Failed.Replace("\"failed\",\"order", "\"created\",\"order");
        Assert.Equal(ChargeState.Open, (await _talk.Items(Payments, Failed, begun).Us.Fetch(ChargeOf(), _ct)).State);

        var later = Failed.Replace("1701688684", "1701688685").Replace("\"payment_failed\"", "\"incorrect_otp\"");
        Assert.Equal("incorrect_otp", (await new RazorpayTalk().Items(Payments, Failed, later).Us.Fetch(ChargeOf(), _ct)).FailureCode);
        Assert.Equal("bad_request_error", (await new RazorpayTalk().Items(Payments, Failed.Replace("\"payment_failed\"", "\"NA\"")).Us.Fetch(ChargeOf(), _ct)).FailureCode);
    }

    [Fact]
    public async Task What_was_let_go_of_never_came_in_though_it_is_called_refunded()
    {
        var returned = Captured.Replace("\"captured\",\"order", "\"refunded\",\"order").Replace("\"amount_refunded\":0", "\"amount_refunded\":100");
        var news = await _talk.Items(Payments, returned.Replace("\"captured\":true", "\"captured\":false")).Us.Fetch(ChargeOf(), _ct);
        Assert.Equal((ChargeState.Failed, "not_captured"), (news.State, news.FailureCode));

        news = await new RazorpayTalk().Items(Payments, returned).Items("GET /v1/disputes")
            .Items("GET /v1/payments/pay_N8FVRD1DzYzBh1/refunds", """{"id":"rfnd_1","amount":60,"status":"processed"}""", """{"id":"rfnd_2","amount":40,"status":"failed"}""").Us.Fetch(ChargeOf(), _ct);
        Assert.Equal((ChargeState.Succeeded, 60L), (news.State, news.RefundedAmount));
    }

    [Fact]
    public async Task The_payment_that_was_the_money_stays_it()
    {
        var second = Captured.Replace("pay_N8FVRD1DzYzBh1", "pay_Second").Replace("1701688721", "1701688720");
        Assert.Equal("pay_Second", (await _talk.Items(Payments, Captured, second).Items("GET /v1/disputes").Us.Fetch(ChargeOf(), _ct)).ChargeReference);
        Assert.Equal("pay_N8FVRD1DzYzBh1", (await _talk.Us.Fetch(ChargeOf("pay_N8FVRD1DzYzBh1"), _ct)).ChargeReference);
        // It is missing in the list, and asked for by its name.
        var missing = new RazorpayTalk().Items(Payments, Failed).Plan("GET /v1/payments/pay_N8FVRD1DzYzBh1", Captured).Items("GET /v1/disputes");
        Assert.Equal(ChargeState.Succeeded, (await missing.Us.Fetch(ChargeOf("pay_N8FVRD1DzYzBh1"), _ct)).State);
    }

    [Fact]
    public async Task A_fee_on_money_from_abroad_is_in_the_accounts_currency()
    {
        var abroad = Captured.Replace("\"currency\":\"INR\"", "\"currency\":\"USD\",\"base_amount\":6841,\"base_currency\":\"INR\"").Replace("\"fee\":2", "\"fee\":205");
        var news = await _talk.Items(Payments, abroad).Items("GET /v1/disputes").Us.Fetch(ChargeOf(), _ct);
        Assert.Equal((new Money(100, "USD"), new Money(205, "INR")), (news.Amount, news.Fee));
    }

    [Fact]
    public async Task What_is_held_is_taken_and_what_was_taken_before_is_good_as_well()
    {
        var us = _talk.Items(Payments, Authorized).Plan("POST /v1/payments/pay_N8FVRD1DzYzBh1/capture", Captured).Us;
        Assert.Equal(ChargeState.Succeeded, (await us.Capture(ChargeOf(amount: 100), "capture-1", _ct)).State);
        Assert.Equal(["""{"amount":100,"currency":"INR"}"""], _talk.Bodies);

        var late = new RazorpayTalk().Items(Payments, Authorized).Items(Payments, Captured).Items("GET /v1/disputes")
            .Plan("POST /v1/payments/pay_N8FVRD1DzYzBh1/capture", """{"error":{"code":"BAD_REQUEST_ERROR","description":"This payment has already been captured"}}""", 400);
        Assert.Equal(ChargeState.Succeeded, (await late.Us.Capture(ChargeOf(amount: 100), "capture-1", _ct)).State);

        var other = new RazorpayTalk().Items(Payments, Authorized);
        Assert.Equal(ChargeState.Authorized, (await other.Us.Capture(ChargeOf(amount: 99), "capture-1", _ct)).State);
        Assert.DoesNotContain(other.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_order_is_left_alone_unless_it_was_paid_just_before()
    {
        Assert.Equal(new("order_RB58MiP5SPFYyM", ChargeState.Cancelled), await _talk.Items(Payments, Failed).Us.Cancel(ChargeOf(), _ct));
        Assert.Equal(ChargeState.Authorized, (await new RazorpayTalk().Items(Payments, Authorized).Us.Cancel(ChargeOf(), _ct)).State);
        Assert.Equal(ChargeState.Succeeded, (await new RazorpayTalk().Items(Payments, Captured).Items("GET /v1/disputes").Us.Cancel(ChargeOf(), _ct)).State);
    }

    [Theory]
    [InlineData("open", "chargeback", 0, "Open")]
    [InlineData("under_review", "pre_arbitration", 0, "Open")]
    [InlineData("won", "chargeback", 0, "Won")]
    [InlineData("lost", "chargeback", 40, "Lost")]
    [InlineData("closed", "chargeback", 0, "Won")]
    [InlineData("closed", "arbitration", 40, "Lost")]
    // A question and a suspicion ask no money back.
    [InlineData("open", "retrieval", 0, null)]
    [InlineData("under_review", "fraud", 0, null)]
    [InlineData("lost", "fraud", 40, "Lost")]
    public async Task A_dispute_is_found_by_its_payment(string status, string phase, int deducted, string? state)
    {
        _talk.Items(Payments, Captured).Items("GET /v1/disputes", Dispute("disp_1", "pay_SomebodyElses", "lost", "chargeback", 90), Dispute("disp_2", "pay_N8FVRD1DzYzBh1", status, phase, deducted));
        var news = await _talk.Us.Fetch(ChargeOf(), _ct);
        Assert.Equal(state is null ? null : new DisputeNews(Enum.Parse<DisputeState>(state), new Money(40, "INR")), news.Dispute);
    }

    [Fact]
    public async Task Of_several_disputes_an_open_one_counts_and_then_the_newest_about_the_same_money()
    {
        string[] all = [Whole(1, "won"), Whole(2, "open"), Whole(3, "lost")];
        Assert.Equal(DisputeState.Open, await Come(all[..2]));
        Assert.Equal(DisputeState.Open, await Come(all));
        Assert.Equal(DisputeState.Lost, await Come(Whole(1, "won"), Whole(2, "lost")));
        Assert.Equal(DisputeState.Lost, await Come(Whole(2, "lost"), Whole(1, "won")));
        Assert.Equal(DisputeState.Won, await Come(Whole(1, "lost"), Whole(2, "won")));
        // About 40 of 100 each: what was lost by the first the second does not bring back.
        var apart = (await new RazorpayTalk().Items(Payments, Captured).Items("GET /v1/disputes", Whole(1, "lost", 40), Whole(2, "won", 40)).Us.Fetch(ChargeOf(), _ct)).Dispute;
        Assert.Equal(new DisputeNews(DisputeState.Lost, new(40, "INR")), apart);

        async Task<DisputeState> Come(params string[] disputes) => (await new RazorpayTalk().Items(Payments, Captured).Items("GET /v1/disputes", disputes).Us.Fetch(ChargeOf(), _ct)).Dispute!.State;

        static string Whole(int at, string status, long amount = 100) => Dispute($"disp_{at}", "pay_N8FVRD1DzYzBh1", status, "chargeback", status == "lost" ? 40 : 0)
            .Replace("\"amount\":40", $"\"amount\":{amount}", StringComparison.Ordinal).Replace("1590059211", $"{1590059211 + at}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_led_back_by_what_we_wrote_on_the_order_and_not_by_what_its_payer_wrote()
    {
        _talk.Plan("GET /v1/payments/pay_N8FVRD1DzYzBh1", Captured).Plan("GET /v1/orders/order_N8FRN5zTm5S3wx", $$$"""{"id":"order_N8FRN5zTm5S3wx","notes":{"payment_id":"{{{RazorpayTalk.Payment}}}"}}""");
        Assert.Equal(RazorpayTalk.Payment, await _talk.Us.PaymentOf("pay_N8FVRD1DzYzBh1", _ct));
        Assert.Equal(RazorpayTalk.Payment, await _talk.Us.PaymentOf("order_N8FRN5zTm5S3wx", _ct));
        Assert.Null(await _talk.Us.PaymentOf("../v1/orders", _ct));

        var strange = new RazorpayTalk().Plan("GET /v1/payments/pay_1", """{"error":{"code":"BAD_REQUEST_ERROR","description":"The id provided does not exist"}}""", 400).Plan("GET /v1/orders/order_1", """{"id":"order_1","notes":[]}""");
        Assert.Null(await strange.Us.PaymentOf("pay_1", _ct));
        Assert.Null(await strange.Us.PaymentOf("order_1", _ct));
    }

    [Fact]
    public async Task A_list_has_each_order_once_with_what_its_payments_say()
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(1_589_000_000);
        var until = DateTimeOffset.FromUnixTimeSeconds(1_589_268_097);
        _talk.Items("GET /v1/orders?from=1589000000&to=1589268097&count=100&skip=0&expand[]=payments",
            $$$"""{"id":"order_EpMTIJM0rhOj3H","amount":100,"currency":"INR","payments":{"entity":"collection","count":2,"items":[{{{Failed}}},{{{Captured}}}]},"status":"paid","notes":{"payment_id":"{{{RazorpayTalk.Payment}}}"},"created_at":1589268096}""",
            """{"id":"order_Eoryq8z9wd0y7i","amount":10000,"currency":"INR","payments":{"entity":"collection","count":0,"items":[]},"status":"created","notes":[],"created_at":1589160718}""",
            // The end is not in it.
            """{"id":"order_TooLate","amount":10000,"currency":"INR","status":"created","notes":[],"created_at":1589268097}""");
        var page = await _talk.Us.List(from, until, cursor: null, _ct);
        Assert.Null(page.Next);
        Assert.Equal(["order_EpMTIJM0rhOj3H", "order_Eoryq8z9wd0y7i"], page.Charges.Select(charge => charge.Reference), StringComparer.Ordinal);
        Assert.Equal([(Guid?)RazorpayTalk.Payment, null], page.Charges.Select(charge => charge.PaymentId));
        Assert.Equal([ChargeState.Succeeded, ChargeState.Open], page.Charges.Select(charge => charge.State));
        Assert.Equal((new Money(100, "INR"), DateTimeOffset.FromUnixTimeSeconds(1_589_268_096)), (page.Charges[0].Amount, page.Charges[0].CreatedAt));
    }

    [Fact]
    public async Task A_full_page_leads_to_the_next()
    {
        var page = Enumerable.Range(0, 100).Select(at => $$"""{"id":"order_{{at}}","notes":[],"created_at":1589160718}""").ToArray();
        _talk.Items("GET /v1/orders?from=1589000000&to=1589268097&count=100&skip=0", page).Items("GET /v1/orders?from=1589000000&to=1589268097&count=100&skip=100", page[..1]);
        var (from, until) = (DateTimeOffset.FromUnixTimeSeconds(1_589_000_000), DateTimeOffset.FromUnixTimeSeconds(1_589_268_097));
        Assert.Equal("100", (await _talk.Us.List(from, until, cursor: null, _ct)).Next);
        Assert.Null((await _talk.Us.List(from, until, "100", _ct)).Next);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured","amount":1.5,"currency":"INR"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured","amount":99999999999999999999999999,"currency":"INR"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured","amount":-5,"currency":"INR"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured","amount":"100","currency":"INR"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1","status":"captured","amount":100,"currency":"ZZZ"}]}""")]
    [InlineData("""{"items":[{"id":"\ud800","status":"captured","amount":100,"currency":"INR"}]}""")]
    [InlineData("""{"items":[{"id":"pay_1/../x","status":"captured","amount":100,"currency":"INR"}]}""")]
    public async Task What_cannot_be_read_is_not_guessed(string answer) => await Assert.ThrowsAsync<ProviderUnavailableException>(() => _talk.Plan(Payments, answer).Us.Fetch(ChargeOf(), _ct));

    [Theory]
    [InlineData("""{"items":[1,null,"a",[],{}]}""")]
    [InlineData("""{"items":[{"id":5,"status":{"a":1},"created_at":"then"}]}""")]
    [InlineData("""{"items":[{"\ud800":1,"status":"created","created_at":1e400}]}""")]
    public async Task What_says_nothing_is_no_money(string answer) => Assert.Equal(ChargeState.Open, (await _talk.Plan(Payments, answer).Us.Fetch(ChargeOf(), _ct)).State);

    private static string Dispute(string id, string payment, string status, string phase, int deducted) =>
        $$"""{"id":"{{id}}","entity":"dispute","payment_id":"{{payment}}","amount":40,"currency":"INR","amount_deducted":{{deducted}},"reason_code":"pre_arbitration","respond_by":1590604200,"status":"{{status}}","phase":"{{phase}}","created_at":1590059211}""";
}
