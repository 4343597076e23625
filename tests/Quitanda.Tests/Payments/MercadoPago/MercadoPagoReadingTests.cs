using System.Text.Json;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>What Mercado Pago's own pages show of its answers, and what it could answer besides.</summary>
public sealed class MercadoPagoReadingTests
{
    /// <summary>"Payment handling" of developers.mercadolibre: what the seller pays.</summary>
    private const string OfSeller = """
        { "acquirer_reconciliation": [], "statement_descriptor": null, "captured": true, "date_last_updated": "2018-03-05T10:07:15.000-04:00", "payer_id": 305796397, "issuer_id": null, "transaction_amount": 250, "card": {},
          "transaction_details": { "total_paid_amount": 250, "acquirer_reference": null, "net_received_amount": 206.25, "financial_institution": null, "installment_amount": 0, "external_resource_url": null, "overpaid_amount": 0 },
          "coupon_amount": 0, "metadata": {}, "collector_id": 166986265, "status": "approved", "processing_mode": "aggregator", "status_detail": "accredited", "installments": 1, "refunds": [], "payment_type_id": "account_money",
          "fee_details": [ { "amount": 43.75, "fee_payer": "collector", "type": "application_fee" } ], "date_created": "2018-03-05T10:07:15.000-04:00", "id": 3507121175, "date_of_expiration": null,
          "order": { "id": "1653025194", "type": "mercadolibre" }, "external_reference": "1653025194", "currency_id": "MXN", "payment_method_id": "account_money" }
        """;

    /// <summary>The same page: what the payer pays is no fee of ours.</summary>
    private const string OfPayer = """
        { "captured": true, "fee_details": [ { "amount": 487.2, "fee_payer": "payer", "type": "financing_fee" } ], "date_created": "2018-03-05T10:06:54.000-04:00", "id": 3506756222, "issuer_id": "157", "date_of_expiration": null,
          "external_reference": "1653027692", "transaction_amount": 3500, "transaction_details": { "total_paid_amount": 3987.2, "net_received_amount": 3500, "installment_amount": 443.02, "overpaid_amount": 0 },
          "coupon_amount": 0, "currency_id": "MXN", "status": "approved", "status_detail": "accredited" }
        """;

    /// <summary>"Integrate payment via Pix" of Checkout API, the parts that it leaves out filled in.</summary>
    private const string OfPix = """
        { "id": 5466310457, "status": "pending", "status_detail": "pending_waiting_transfer", "currency_id": "BRL", "transaction_amount": 100, "date_of_expiration": "2026-03-05T15:00:00.000-04:00",
          "transaction_details": { "net_received_amount": 0, "total_paid_amount": 100, "overpaid_amount": 0, "external_resource_url": null, "installment_amount": 0, "financial_institution": null },
          "point_of_interaction": { "type": "PIX", "sub_type": null, "application_data": { "name": "NAME_SDK", "version": "VERSION_NUMBER" }, "transaction_data": { "qr_code_base64": "iVBORw0KGgoAAAANSUhEUgAABRQAAAUU",
          "qr_code": "00020126600014br.gov.bcb.pix0117john@yourdomain.com0217additional data520400005303986540510.005802BR5913Maria Silva6008Brasilia62070503***6304E2CA",
          "ticket_url": "https://www.mercadopago.com.br/payments/123456789/ticket?caller_id=123456&hash=123e4567-e89b-12d3-a456-426655440000" } } }
        """;

    [Fact]
    public void Amounts_and_fees_are_read_exactly()
    {
        var seller = Read(OfSeller).News("3507121175");
        Assert.Equal((ChargeState.Succeeded, new Money(25000, "MXN"), new Money(4375, "MXN"), null, null), (seller.State, seller.Amount, seller.Fee, seller.PaymentId, seller.ChargeReference));
        Assert.Equal(new DateTimeOffset(2018, 3, 5, 14, 7, 15, TimeSpan.Zero), seller.CreatedAt);
        Assert.Equal(new Money(0, "MXN"), Read(OfPayer).News("1").Fee);
        Assert.Equal(new Money(8, "ARS"), Read("""{ "id": 1, "status": "approved", "currency_id": "ARS", "transaction_amount": "2", "fee_details": [], "transaction_details": { "net_received_amount": 1.92 } }""").News("1").Fee);
        // Nobody knows it yet.
        Assert.Null(Read("""{ "id": 1, "status": "approved", "currency_id": "ARS", "transaction_amount": 2, "fee_details": [], "transaction_details": { "net_received_amount": 0 } }""").News("1").Fee);
    }

    [Fact]
    public void A_Pix_code_is_read()
    {
        var pix = Read(OfPix);
        Assert.Equal(("5466310457", ChargeState.Open, new Money(10000, "BRL"), new DateTimeOffset(2026, 3, 5, 19, 0, 0, TimeSpan.Zero)), (pix.Id, pix.State, pix.Amount, pix.ExpiresAt));
        Assert.StartsWith("00020126600014br.gov.bcb.pix0117john@yourdomain.com", pix.PixCode, StringComparison.Ordinal);
    }

    /// <summary>"Get payment status": statuses and their details.</summary>
    [Theory]
    [InlineData("approved", "accredited", ChargeState.Succeeded, null)]
    [InlineData("approved", "partially_refunded", ChargeState.Succeeded, null)]
    [InlineData("authorized", "pending_capture", ChargeState.Authorized, null)]
    [InlineData("in_process", "pending_review_manual", ChargeState.Open, null)]
    [InlineData("pending", "pending_waiting_transfer", ChargeState.Open, null)]
    [InlineData("cancelled", "expired", ChargeState.Cancelled, null)]
    [InlineData("canceled", "by_payer", ChargeState.Cancelled, null)]
    [InlineData("charged_back", "in_process", ChargeState.Succeeded, DisputeState.Open)]
    [InlineData("charged_back", "settled", ChargeState.Succeeded, DisputeState.Lost)]
    [InlineData("charged_back", "reimbursed", ChargeState.Succeeded, DisputeState.Won)]
    [InlineData("in_mediation", "pending", ChargeState.Succeeded, DisputeState.Open)]
    [InlineData("refunded", "refunded", ChargeState.Succeeded, null)]
    [InlineData("refunded", "by_admin", ChargeState.Succeeded, null)]
    [InlineData("rejected", "bank_error", ChargeState.Failed, null)]
    [InlineData("of_next_year", "", ChargeState.Open, null)]
    internal void Each_status_has_its_meaning(string status, string detail, ChargeState state, DisputeState? dispute)
    {
        var news = Read(FarMercadoPago.Payment(status, detail)).News("1");
        Assert.Equal((state, dispute, dispute is null ? null : new Money(2590, "BRL")), (news.State, news.Dispute?.State, news.Dispute?.Amount));
    }

    [Fact]
    public void A_dispute_is_about_what_had_not_gone_back_and_while_it_is_open_no_refund_is_counted()
    {
        var news = Read(FarMercadoPago.Payment("charged_back", "in_process").Replace("\"transaction_amount_refunded\": 0", "\"transaction_amount_refunded\": 5.9", StringComparison.Ordinal)).News("1");
        Assert.Equal((new Money(2000, "BRL"), null), (news.Dispute!.Amount, news.RefundedAmount));
        news = Read(FarMercadoPago.Payment("approved", "partially_refunded").Replace("\"transaction_amount_refunded\": 0", "\"transaction_amount_refunded\": 5.9", StringComparison.Ordinal)).News("1");
        Assert.Equal((null, 590L), (news.Dispute, news.RefundedAmount));
    }

    [Fact]
    public void A_mediation_that_is_over_is_won_or_lost_by_where_the_money_is()
    {
        Assert.Equal(DisputeState.Won, Read(FarMercadoPago.Payment("approved", "accredited")).News("1", isDisputed: true).Dispute!.State);
        Assert.Equal(DisputeState.Lost, Read(FarMercadoPago.Payment("refunded", "by_admin")).News("1", isDisputed: true).Dispute!.State);
    }

    [Theory]
    [InlineData("0.29", 29L)]
    [InlineData("1.1", 110L)]
    [InlineData("1e2", 10000L)]
    [InlineData("9999999999.99", 999999999999L)]
    [InlineData("4.35", 435L)]
    [InlineData("1.005", null)]
    [InlineData("-1", null)]
    [InlineData("1e40", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("\"12.5\"", 1250L)]
    [InlineData("\"1,250.00\"", null)]
    [InlineData("null", null)]
    [InlineData("{}", null)]
    public void An_amount_is_whole_minor_units_or_none(string written, long? minor)
    {
        using var document = JsonDocument.Parse(written);
        Assert.Equal(minor, MercadoPagoJson.Money(document.RootElement.Number(), "BRL")?.Amount);
    }

    [Fact]
    public void Every_amount_comes_back_as_it_went()
    {
        foreach (var currency in new[] { "BRL", "CLP", "KWD" })
            for (var minor = 0L; minor < 20_000; minor += 7)
            {
                using var document = JsonDocument.Parse(JsonSerializer.Serialize(new Money(minor, currency).Major()));
                Assert.Equal(new Money(minor, currency), MercadoPagoJson.Money(document.RootElement.Number(), currency));
            }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{ "id": 1, "status": "approved", "currency_id": "BRL" }""")]
    [InlineData("""{ "id": 1, "status": "approved", "transaction_amount": 1 }""")]
    [InlineData("""{ "id": "a/../b", "status": "approved", "currency_id": "BRL", "transaction_amount": 1 }""")]
    [InlineData("""{ "id": 1, "status": {}, "currency_id": "BRL", "transaction_amount": 1 }""")]
    [InlineData("""{ "id": 1, "status": "\ud800", "currency_id": "BRL", "transaction_amount": 1 }""")]
    [InlineData("""{ "id": 1, "status": "approved", "currency_id": "XXX", "transaction_amount": 1 }""")]
    [InlineData("""{ "id": 1e400, "status": "approved", "currency_id": "BRL", "transaction_amount": 1 }""")]
    public void What_cannot_be_read_is_nobodys_word(string body) => Assert.Throws<ProviderUnavailableException>(() => Read(body));

    private static MercadoPagoPayment Read(string body)
    {
        using var document = JsonDocument.Parse(body);
        return MercadoPagoPayment.Read(document.RootElement);
    }
}
