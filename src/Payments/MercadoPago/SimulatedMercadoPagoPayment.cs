using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.MercadoPago;

/// <summary>A payment, a refund and a chargeback as the simulated Mercado Pago keeps and shows them.</summary>
internal static class SimulatedMercadoPagoPayment
{
    /// <summary>An attempt to pay on a preference's page, by a card.</summary>
    public static JsonObject Of(JsonObject preference, DateTimeOffset now) => Of(
        new JsonObject
        {
            ["external_reference"] = preference.Word("external_reference"),
            ["description"] = preference["items"]![0]!["title"]?.DeepClone(),
            ["payer"] = preference["payer"]?.DeepClone(),
            ["installments"] = 1,
        },
        preference["items"]!.AsArray().Sum(item => item!["unit_price"]!.GetValue<decimal>() * item["quantity"]!.GetValue<int>()), "master", now);

    /// <summary>A payment as it was asked for, which waits.</summary>
    public static JsonObject Of(JsonObject asked, decimal amount, string way, DateTimeOffset now)
    {
        var id = NewId();
        var isPix = way == "pix";
        return new()
        {
            ["id"] = id,
            ["date_created"] = now.Written(),
            ["date_approved"] = null,
            ["date_last_updated"] = now.Written(),
            ["date_of_expiration"] = isPix ? asked.Word("date_of_expiration") ?? now.AddDays(1).Written() : null,
            ["operation_type"] = "regular_payment",
            ["payment_method_id"] = way,
            ["payment_type_id"] = isPix ? "bank_transfer" : "credit_card",
            ["status"] = "pending",
            ["status_detail"] = isPix ? "pending_waiting_transfer" : "pending_waiting_payment",
            ["currency_id"] = "BRL",
            ["description"] = asked["description"]?.DeepClone(),
            ["live_mode"] = false,
            ["collector_id"] = 724484980,
            ["payer"] = asked["payer"]?.DeepClone(),
            ["metadata"] = new JsonObject(),
            ["external_reference"] = asked.Word("external_reference"),
            ["transaction_amount"] = amount,
            ["transaction_amount_refunded"] = 0m,
            ["installments"] = asked["installments"]?.DeepClone() ?? 1,
            ["transaction_details"] = new JsonObject { ["net_received_amount"] = 0m, ["total_paid_amount"] = amount, ["overpaid_amount"] = 0, ["external_resource_url"] = null, ["installment_amount"] = 0 },
            ["fee_details"] = new JsonArray(),
            ["captured"] = true,
            ["refunds"] = new JsonArray(),
            ["point_of_interaction"] = isPix ? new JsonObject
            {
                ["type"] = "PIX",
                ["sub_type"] = null,
                ["transaction_data"] = new JsonObject
                {
                    ["qr_code"] = string.Create(CultureInfo.InvariantCulture, $"00020126580014br.gov.bcb.pix0136{Guid.CreateVersion7():D}5204000053039865406{amount:0.00}5802BR5908Quitanda6009Sao Paulo62070503***6304E2CA"),
                    ["ticket_url"] = $"https://www.mercadopago.com.br/payments/{id}/ticket",
                },
            } : new JsonObject(),
        };
    }

    /// <summary>What becomes of a card at once, by its token.</summary>
    public static SimulatedAct Decided(string token) => token[..Math.Min(4, token.Length)] switch
    {
        "OTHE" => new(SimulatedDeed.Fail),
        "CALL" => new(SimulatedDeed.Fail, "cc_rejected_call_for_authorize"),
        "FUND" => new(SimulatedDeed.Fail, "cc_rejected_insufficient_amount"),
        "SECU" => new(SimulatedDeed.Fail, "cc_rejected_bad_filled_security_code"),
        "EXPI" => new(SimulatedDeed.Fail, "cc_rejected_bad_filled_date"),
        "FORM" => new(SimulatedDeed.Fail, "cc_rejected_bad_filled_other"),
        // Nothing is decided: it is under review.
        "CONT" => new(SimulatedDeed.Expire),
        _ => new(SimulatedDeed.Succeed),
    };

    public static void Stand(JsonObject payment, string status, string detail, DateTimeOffset now)
    {
        payment["status"] = status;
        payment["status_detail"] = detail;
        payment["date_last_updated"] = now.Written();
    }

    /// <summary>The money comes in, and the fee is taken from it: 0.99 % of a Pix, 4.99 % of a card.</summary>
    public static void Approve(JsonObject payment, DateTimeOffset now)
    {
        Stand(payment, "approved", "accredited", now);
        payment["date_approved"] = now.Written();
        var amount = payment["transaction_amount"]!.GetValue<decimal>();
        var fee = decimal.Round(amount * (payment.Word("payment_method_id") == "pix" ? 0.0099m : 0.0499m), 2, MidpointRounding.AwayFromZero);
        payment["fee_details"] = new JsonArray(new JsonObject { ["type"] = "mercadopago_fee", ["amount"] = fee, ["fee_payer"] = "collector" });
        payment["transaction_details"]!["net_received_amount"] = amount - fee;
    }

    /// <summary>What has not gone back.</summary>
    public static decimal Left(JsonObject payment) => payment["transaction_amount"]!.GetValue<decimal>() - payment["transaction_amount_refunded"]!.GetValue<decimal>();

    /// <summary>Gives some of it back.</summary>
    public static JsonObject Return(JsonObject payment, decimal amount, long seller, DateTimeOffset now)
    {
        var refund = new JsonObject
        {
            ["id"] = NewId(),
            ["payment_id"] = payment["id"]!.DeepClone(),
            ["amount"] = amount,
            ["metadata"] = new JsonObject(),
            ["source"] = new JsonObject { ["id"] = seller.ToString(CultureInfo.InvariantCulture), ["name"] = "Quitanda", ["type"] = "collector" },
            ["date_created"] = now.Written(),
            ["unique_sequence_number"] = null,
            ["refund_mode"] = "standard",
            ["adjustment_amount"] = 0,
            ["status"] = "approved",
            ["reason"] = null,
        };
        payment["transaction_amount_refunded"] = payment["transaction_amount_refunded"]!.GetValue<decimal>() + amount;
        payment["refunds"]!.AsArray().Add(refund.DeepClone());
        if (Left(payment) == 0)
            Stand(payment, "refunded", "refunded", now);
        else
            Stand(payment, "approved", "partially_refunded", now);
        return refund;
    }

    public static JsonObject Chargeback(JsonObject payment, DateTimeOffset now) => new()
    {
        ["id"] = $"2170000{NewId()}",
        ["payments"] = new JsonArray(payment["id"]!.DeepClone()),
        ["currency"] = "BRL",
        ["amount"] = Left(payment),
        ["reason"] = "general",
        ["coverage_applied"] = null,
        ["coverage_elegible"] = true,
        ["documentation_required"] = true,
        ["documentation_status"] = "pending",
        ["documentation"] = new JsonArray(),
        ["date_documentation_deadline"] = now.AddDays(10).Written(),
        ["date_created"] = now.Written(),
        ["date_last_updated"] = now.Written(),
        ["live_mode"] = false,
    };

    /// <summary>An id as theirs are: twelve digits. At random, since a clock that stands still gives few.</summary>
    public static long NewId() => (RandomNumberGenerator.GetInt32(100_000, 1_000_000) * 1_000_000L) + RandomNumberGenerator.GetInt32(1_000_000);

    /// <summary>A member that is a text, or a number as text.</summary>
    public static string? Word(this JsonObject of, string name) => of[name] is JsonValue value ? value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : null;

    /// <summary>A member that is an instant.</summary>
    public static DateTimeOffset? At(this JsonObject of, string name) => of[name] is JsonValue value ? value.At() : null;

    public static DateTimeOffset? At(this JsonValue value) =>
        DateTimeOffset.TryParse(value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null;
}
