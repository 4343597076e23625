using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>
/// What leaves the adapter, against Mercado Pago's reference: "Create preference", "Create payment", "Search payments", "Create refund" and "Update payment" of
/// mercadopago.com/developers (reference/online-payments), and the request types of its npm library mercadopago 3.6.1.
/// </summary>
public sealed class MercadoPagoAskingTests
{
    private const string Preference = """{ "id": "724484980-0a1b2c3d", "init_point": "https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=724484980-0a1b2c3d" }""";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly FarMercadoPago _far = new();

    [Fact]
    public async Task Without_a_method_its_page_is_made()
    {
        var opened = await _far.Says(201, Preference).Provider().Create(_far.Order(returnUrl: "https://shop.example/thanks"), "payment-1", _ct);

        Assert.Equal(("724484980-0a1b2c3d", "https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=724484980-0a1b2c3d"), (opened.Reference, opened.CheckoutUrl));
        Assert.Equal(_far.Clock.GetUtcNow().AddMinutes(30), opened.ExpiresAt);
        Assert.Single(_far.Asked).Is("POST /checkout/preferences", "payment-1", """
            {
              "external_reference": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21",
              "notification_url": "https://api.example.com/api/v1/webhooks/mercadopago?source_news=webhooks",
              "items": [{ "id": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21", "title": "Pedido", "quantity": 1, "currency_id": "BRL", "unit_price": 25.9 }],
              "payer": { "email": "ana@example.com" },
              "back_urls": { "success": "https://shop.example/thanks", "pending": "https://shop.example/thanks", "failure": "https://shop.example/thanks" },
              "auto_return": "approved",
              "expires": true,
              "expiration_date_to": "2026-03-04T15:30:00.000+00:00",
              "date_of_expiration": "2026-03-04T15:35:00.000+00:00",
              "payment_methods": { "excluded_payment_types": [{ "id": "ticket" }] }
            }
            """);
    }

    [Fact]
    public async Task A_card_without_a_token_is_asked_for_on_its_page_and_nothing_else_is()
    {
        await _far.Says(201, Preference).Provider(publicUrl: null).Create(_far.Order(PaymentMethod.Card, PaymentInput.None, installments: 6, returnUrl: "http://localhost:3000/thanks", hold: TimeSpan.FromDays(10)), "payment-1", _ct);

        Assert.Single(_far.Asked).Is("POST /checkout/preferences", "payment-1", """
            {
              "external_reference": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21",
              "items": [{ "id": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21", "title": "Pedido", "quantity": 1, "currency_id": "BRL", "unit_price": 25.9 }],
              "back_urls": { "success": "http://localhost:3000/thanks", "pending": "http://localhost:3000/thanks", "failure": "http://localhost:3000/thanks" },
              "expires": true,
              "expiration_date_to": "2026-03-14T15:00:00.000+00:00",
              "date_of_expiration": "2026-03-14T15:00:00.000+00:00",
              "payment_methods": { "installments": 6, "excluded_payment_types": [{ "id": "ticket" }, { "id": "bank_transfer" }] }
            }
            """);
    }

    [Theory]
    [InlineData(30, "2026-03-04T15:35:00.000+00:00")]
    [InlineData(90, "2026-03-04T16:30:00.000+00:00")]
    [InlineData(60 * 24 * 40, "2026-04-03T15:00:00.000+00:00")]
    public async Task A_Pix_code_lives_as_long_as_the_order_waits_within_what_Mercado_Pago_allows(int holdMinutes, string until)
    {
        await _far.Says(201, FarMercadoPago.Payment("pending")).Provider().Create(_far.Order(PaymentMethod.Pix, hold: TimeSpan.FromMinutes(holdMinutes)), "payment-1", _ct);

        Assert.Single(_far.Asked).Is("POST /v1/payments", "payment-1", $$"""
            {
              "external_reference": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21",
              "notification_url": "https://api.example.com/api/v1/webhooks/mercadopago?source_news=webhooks",
              "transaction_amount": 25.9,
              "description": "Pedido",
              "payer": { "email": "ana@example.com" },
              "payment_method_id": "pix",
              "date_of_expiration": "{{until}}"
            }
            """);
    }

    [Fact]
    public async Task Asked_again_later_it_is_the_same_question()
    {
        var order = _far.Order(PaymentMethod.Pix);
        var provider = _far.Says(201, FarMercadoPago.Payment("pending")).Says(201, FarMercadoPago.Payment("pending")).Provider();
        await provider.Create(order, "payment-1", _ct);
        _far.Clock.Advance(TimeSpan.FromMinutes(3));
        await provider.Create(order, "payment-1", _ct);
        Assert.Equal(_far.Asked[0], _far.Asked[1]);
    }

    [Fact]
    public async Task A_cards_token_is_charged_at_once()
    {
        var opened = await _far.Says(201, FarMercadoPago.Payment("approved", "accredited", more: """ "fee_details": [{ "type": "mercadopago_fee", "amount": 1.29, "fee_payer": "collector" }] """)).Provider()
            .Create(_far.Order(PaymentMethod.Card, new("ff8080814c11e237014c1ff593b57b4d", "master", "ana@example.com"), installments: 3), "payment-1", _ct);

        Assert.Single(_far.Asked).Is("POST /v1/payments", "payment-1", """
            {
              "external_reference": "019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21",
              "notification_url": "https://api.example.com/api/v1/webhooks/mercadopago?source_news=webhooks",
              "transaction_amount": 25.9,
              "description": "Pedido",
              "payer": { "email": "ana@example.com" },
              "payment_method_id": "master",
              "token": "ff8080814c11e237014c1ff593b57b4d",
              "installments": 3
            }
            """);
        Assert.Equal(("1316588293", ChargeState.Succeeded, new Money(2590, "BRL"), new Money(129, "BRL"), null),
            (opened.Reference, opened.News!.State, opened.News.Amount, opened.News.Fee, opened.News.ChargeReference));
    }

    [Theory]
    [InlineData("cc_rejected_insufficient_amount", "insufficient_funds")]
    [InlineData("cc_rejected_bad_filled_security_code", "invalid_security_code")]
    [InlineData("cc_rejected_call_for_authorize", "authorization_required")]
    [InlineData("cc_rejected_other_reason", "card_declined")]
    [InlineData("cc_rejected_of_next_year", "cc_rejected_of_next_year")]
    [InlineData("Something else!", "declined")]
    public async Task A_card_that_is_declined_says_why(string detail, string code)
    {
        var opened = await _far.Says(201, FarMercadoPago.Payment("rejected", detail)).Provider().Create(_far.Order(PaymentMethod.Card, new("token", "visa", "ana@example.com")), "payment-1", _ct);
        Assert.Equal(("1316588293", ChargeState.Failed, code), (opened.Reference, opened.News!.State, opened.News.FailureCode));
    }

    [Theory]
    [InlineData(400, 2006, "invalid_card_token")]
    [InlineData(400, 3028, "card_not_supported")]
    [InlineData(400, 4242, "invalid_request")]
    [InlineData(422, null, "invalid_request")]
    public async Task What_Mercado_Pago_refuses_is_refused_and_not_asked_again(int status, int? cause, string code)
    {
        var opened = await _far.Says(status, FarMercadoPago.Error(status, cause)).Provider().Create(_far.Order(PaymentMethod.Card, new("token", "visa", "ana@example.com")), "payment-1", _ct);
        Assert.Equal((null, code), (opened.Reference, opened.RefusedCode));
        Assert.Single(_far.Asked);
    }

    [Theory]
    [InlineData(401, null, "unauthorized")]
    [InlineData(403, null, "At least one policy returned UNAUTHORIZED.")]
    [InlineData(409, null, "conflict")]
    [InlineData(423, null, "locked")]
    [InlineData(400, 2001, "Already posted the same request in the last minute")]
    [InlineData(404, 2032, "X-Idempotency-key already used")]
    public async Task What_says_nothing_of_the_charge_is_no_refusal(int status, int? cause, string message)
    {
        var error = await Assert.ThrowsAsync<ProviderUnavailableException>(() => _far.Says(status, FarMercadoPago.Error(status, cause, message)).Provider().Create(_far.Order(), "payment-1", _ct));
        Assert.DoesNotContain(FarMercadoPago.Token, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ana@example.com", error.ToString(), StringComparison.Ordinal);
        if (status is 401 or 403)
            Assert.Contains("MercadoPago:AccessToken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_cannot_do_is_said_before_anything_is_kept()
    {
        var provider = _far.Provider();
        provider.Check(_far.Order());
        provider.Check(_far.Order(PaymentMethod.Card, PaymentInput.None));
        Refuses("provider", _far.Order(currency: "USD"));
        Refuses("cardBrand", _far.Order(PaymentMethod.Card, new("token", Email: "ana@example.com")));
        Refuses("method", _far.Order(PaymentMethod.Card, new("token", "visa")));
        Refuses("method", _far.Order(PaymentMethod.Pix, PaymentInput.None));

        void Refuses(string member, PaymentOrder order) => Assert.Equal(member, Assert.Throws<InvalidException>(() => provider.Check(order)).Field);
    }

    [Fact]
    public void It_is_off_without_an_access_token_and_takes_Pix_in_Brazil_alone()
    {
        Assert.Null(_far.Provider().WhyOff);
        Assert.Equal("MercadoPago:AccessToken is not set.", _far.Provider(new()).WhyOff);
        Assert.Equal([PaymentMethod.Card, PaymentMethod.Pix], _far.Provider().Methods);
        Assert.Equal([PaymentMethod.Card], _far.Provider(new() { Currency = "MXN" }).Methods);
        Assert.Equal("APP_USR-public", _far.Provider().PublicKey);
    }

    [Fact]
    public async Task Of_several_attempts_the_one_that_tells_most_is_believed()
    {
        var charge = FarMercadoPago.Charge("724484980-0a1b2c3d");
        var news = await _far.Says(200, FarMercadoPago.Results(
            FarMercadoPago.Payment("cancelled", "expired", 1),
            FarMercadoPago.Payment("approved", "accredited", 4, created: "2026-03-04T11:05:00.000-04:00"),
            FarMercadoPago.Payment("approved", "accredited", 3, created: "2026-03-04T11:04:00.000-04:00"),
            FarMercadoPago.Payment("rejected", "cc_rejected_other_reason", 2),
            FarMercadoPago.Payment("in_process", "pending_contingency", 5))).Provider().Fetch(charge, _ct);

        Assert.Equal(("724484980-0a1b2c3d", "3", ChargeState.Succeeded, FarMercadoPago.PaymentId), (news.Reference, news.ChargeReference, news.State, news.PaymentId));
        Assert.Single(_far.Asked).Is("GET /v1/payments/search?sort=date_created&criteria=desc&external_reference=019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21&limit=50", null, null);
    }

    [Fact]
    public async Task What_a_search_does_not_find_yet_is_asked_for_by_the_name_that_the_event_brought()
    {
        var charge = FarMercadoPago.Charge("724484980-0a1b2c3d") with { Subject = "77" };
        var news = await _far.Says(200, FarMercadoPago.Results(FarMercadoPago.Payment("rejected", "cc_rejected_other_reason", 76))).Says(200, FarMercadoPago.Payment("approved", "accredited", 77)).Provider().Fetch(charge, _ct);
        Assert.Equal((ChargeState.Succeeded, "77"), (news.State, news.ChargeReference));

        // And one of somebody else's is not taken, whatever the event said.
        news = await _far.Says(200, FarMercadoPago.Results()).Says(200, FarMercadoPago.Payment("approved", "accredited", 77).Replace("019c8f3a", "019c8f3b", StringComparison.Ordinal)).Says(404, FarMercadoPago.Error(404)).Provider().Fetch(charge, _ct);
        Assert.Equal(ChargeState.Open, news.State);
    }

    [Theory]
    [InlineData("2026-03-04T15:30:00.000+00:00", "open")]
    [InlineData("2026-03-04T11:00:00.000-04:00", "cancelled")]
    public async Task A_page_on_which_nobody_tried_to_pay_is_over_when_its_time_is(string until, string state)
    {
        var news = await _far.Says(200, FarMercadoPago.Results()).Says(200, $$"""{ "id": "724484980-0a1b2c3d", "expires": true, "expiration_date_to": "{{until}}" }""").Provider().Fetch(FarMercadoPago.Charge("724484980-0a1b2c3d"), _ct);
        Assert.Equal(state, news.State.Name());
        Assert.Equal("GET /checkout/preferences/724484980-0a1b2c3d", _far.Asked[1].Line);
    }

    [Fact]
    public async Task Cancelling_closes_the_page_first_and_then_ends_what_was_begun()
    {
        var news = await _far.Says(200, "{}").Says(200, FarMercadoPago.Results(FarMercadoPago.Payment("pending", "pending_waiting_transfer", 5), FarMercadoPago.Payment("rejected", "", 4)))
            .Says(200, FarMercadoPago.Payment("cancelled", "by_collector", 5)).Provider().Cancel(FarMercadoPago.Charge("724484980-0a1b2c3d"), _ct);

        Assert.Equal(ChargeState.Cancelled, news.State);
        _far.Asked[0].Is("PUT /checkout/preferences/724484980-0a1b2c3d", null, """{ "expires": true, "expiration_date_to": "2026-03-04T15:00:00.000+00:00" }""");
        _far.Asked[2].Is("PUT /v1/payments/5", null, """{ "status": "cancelled" }""");
    }

    [Fact]
    public async Task Cancelling_what_was_paid_just_before_says_that_it_was_paid()
    {
        var news = await _far.Says(200, FarMercadoPago.Payment("pending", "pending_waiting_transfer")).Says(400, FarMercadoPago.Error(400, 2063)).Says(200, FarMercadoPago.Payment("approved", "accredited")).Provider()
            .Cancel(FarMercadoPago.Charge("1316588293"), _ct);
        Assert.Equal((ChargeState.Succeeded, "1316588293"), (news.State, news.Reference));
    }

    [Fact]
    public async Task Money_that_is_held_is_taken()
    {
        var news = await _far.Says(200, FarMercadoPago.Payment("authorized", "pending_capture")).Says(200, "{}").Says(200, FarMercadoPago.Payment("approved", "accredited")).Provider()
            .Capture(FarMercadoPago.Charge("1316588293"), "capture-1", _ct);
        Assert.Equal(ChargeState.Succeeded, news.State);
        _far.Asked[1].Is("PUT /v1/payments/1316588293", "capture-1", """{ "capture": true }""");
    }

    [Theory]
    [InlineData("approved", RefundState.Succeeded, null)]
    [InlineData("rejected", RefundState.Failed, "refund_rejected")]
    [InlineData("cancelled", RefundState.Failed, "refund_rejected")]
    internal async Task A_refund_says_how_it_stands_and_one_that_takes_its_time_is_looked_up(string status, RefundState state, string? code)
    {
        var refund = new RefundOrder(Guid.CreateVersion7(), new(1005, "BRL"), "refund-1", "cold");
        var provider = _far.Says(201, Refund("in_process")).Says(200, Refund(status)).Says(201, Refund("in_process")).Says(200, Refund("in_process")).Provider();

        Assert.Equal(new RefundNews(state, "1009042015", code), await provider.Refund(FarMercadoPago.Charge("724484980-0a1b2c3d", "1316588293"), refund, _ct));
        _far.Asked[0].Is("POST /v1/payments/1316588293/refunds", "refund-1", """{ "amount": 10.05 }""");
        Assert.Equal("GET /v1/payments/1316588293/refunds/1009042015", _far.Asked[1].Line);
        Assert.Equal(RefundState.Pending, (await provider.Refund(FarMercadoPago.Charge("1316588293"), refund, _ct)).State);

        static string Refund(string status) => $$"""{ "id": 1009042015, "payment_id": 1316588293, "amount": 10.05, "status": "{{status}}" }""";
    }

    [Fact]
    public async Task A_refund_that_Mercado_Pago_refuses_has_failed()
    {
        var refund = new RefundOrder(Guid.CreateVersion7(), new(1005, "BRL"), "refund-1", null);
        var provider = _far.Says(400, FarMercadoPago.Error(400, 2063)).Says(404, FarMercadoPago.Error(404, 2024)).Provider();
        Assert.Equal(new RefundNews(RefundState.Failed, null, "not_refundable"), await provider.Refund(FarMercadoPago.Charge("1316588293"), refund, _ct));
        Assert.Equal(new RefundNews(RefundState.Failed, null, "too_old"), await provider.Refund(FarMercadoPago.Charge("1316588293"), refund, _ct));
    }

    [Fact]
    public async Task What_was_made_in_a_time_is_listed_by_pages()
    {
        var from = _far.Clock.GetUtcNow();
        var provider = _far.Says(200, FarMercadoPago.Results(FarMercadoPago.Payment("approved", "accredited", 1), FarMercadoPago.Payment("pending", "", 2)).Replace("\"total\": 2", "\"total\": 3", StringComparison.Ordinal))
            .Says(200, FarMercadoPago.Results(FarMercadoPago.Payment("refunded", "refunded", 3)).Replace("\"total\": 1", "\"total\": 3", StringComparison.Ordinal)).Provider();

        var first = await provider.List(from, from.AddDays(1), null, _ct);
        var second = await provider.List(from, from.AddDays(1), first.Next, _ct);

        Assert.Equal(("2", null), (first.Next, second.Next));
        Assert.Equal(["1", "2", "3"], first.Charges.Concat(second.Charges).Select(charge => charge.Reference), StringComparer.Ordinal);
        Assert.All(first.Charges, charge => Assert.Equal((FarMercadoPago.PaymentId, from, new Money(2590, "BRL"), 0L), (charge.PaymentId, charge.CreatedAt, charge.Amount, charge.RefundedAmount)));
        Assert.Equal(
            "GET /v1/payments/search?sort=date_created&criteria=asc&range=date_created&begin_date=2026-03-04T15%3A00%3A00.000%2B00%3A00&end_date=2026-03-05T15%3A00%3A00.000%2B00%3A00&offset=0&limit=50", _far.Asked[0].Line);
        Assert.EndsWith("&offset=2&limit=50", _far.Asked[1].Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_events_name_leads_back_to_the_payment()
    {
        Assert.Equal(FarMercadoPago.PaymentId, await _far.Says(200, FarMercadoPago.Payment("approved")).Provider().PaymentOf("1316588293", _ct));
        // The example of "Manage chargebacks", with our payment's id.
        Assert.Equal(FarMercadoPago.PaymentId, await _far.Says(200, """
            { "id": "234000062890459000", "payments": [ 1316588293 ], "currency": "ARS", "amount": 1000.50, "reason": "general", "coverage_applied": null, "coverage_elegible": true, "documentation_required": false,
              "documentation_status": "not_supplied", "documentation": [], "date_documentation_deadline": null, "date_created": null, "date_last_updated": "2024-10-17T12:48:24.000-04:00", "live_mode": true }
            """).Says(200, FarMercadoPago.Payment("charged_back")).Provider().PaymentOf("chargeback:234000062890459000", _ct));
        Assert.Equal("GET /v1/chargebacks/234000062890459000", _far.Asked[1].Line);
        Assert.Null(await _far.Says(404, FarMercadoPago.Error(404, 2000)).Provider().PaymentOf("123456", _ct));
        Assert.Null(await _far.Says(404, FarMercadoPago.Error(404)).Provider().PaymentOf("chargeback:1", _ct));
        Assert.Null(await _far.Provider().PaymentOf("724484980-0a1b2c3d", _ct));
    }
}
