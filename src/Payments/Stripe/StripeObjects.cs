using System.Text.Json.Nodes;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.Stripe;

/// <summary>The simulated Stripe's objects with every member that Stripe's API names, in the version of <see cref="StripeLine.Version"/>. A test holds them to the types of Stripe's own library.</summary>
internal static class StripeObjects
{
    public static string Id(this JsonObject thing) => thing["id"]!.GetValue<string>();

    public static string Status(this JsonObject thing) => thing["status"]!.GetValue<string>();

    /// <summary>A whole number of a thing: minor units or seconds.</summary>
    public static long Amount(this JsonObject thing, string name) => thing[name]!.GetValue<long>();

    public static JsonObject Intent(long amount, string currency, IReadOnlyList<string> types, bool isAutomatic, JsonObject metadata, DateTimeOffset now)
    {
        var id = SimulatedWorld.NewId("pi_");
        return new()
        {
            ["id"] = id,
            ["object"] = "payment_intent",
            ["allowed_payment_method_types"] = null,
            ["amount"] = amount,
            ["amount_capturable"] = 0L,
            ["amount_details"] = new JsonObject { ["tip"] = new JsonObject() },
            ["amount_received"] = 0L,
            ["application"] = null,
            ["application_fee_amount"] = null,
            ["automatic_payment_methods"] = isAutomatic ? new JsonObject { ["allow_redirects"] = "always", ["enabled"] = true } : null,
            ["canceled_at"] = null,
            ["cancellation_reason"] = null,
            ["capture_method"] = "automatic_async",
            ["client_secret"] = SimulatedWorld.NewId($"{id}_secret_", 25),
            ["confirmation_method"] = "automatic",
            ["created"] = now.ToUnixTimeSeconds(),
            ["currency"] = currency,
            ["customer"] = null,
            ["customer_account"] = null,
            ["description"] = null,
            ["excluded_payment_method_types"] = null,
            ["last_payment_error"] = null,
            ["latest_charge"] = null,
            ["livemode"] = false,
            ["managed_payments"] = null,
            ["metadata"] = metadata,
            ["next_action"] = null,
            ["on_behalf_of"] = null,
            ["payment_method"] = null,
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = new JsonObject(),
            ["payment_method_types"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]),
            ["payment_record"] = null,
            ["processing"] = null,
            ["receipt_email"] = null,
            ["review"] = null,
            ["setup_future_usage"] = null,
            ["shipping"] = null,
            ["source"] = null,
            ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null,
            ["status"] = "requires_payment_method",
            ["transfer_data"] = null,
            ["transfer_group"] = null,
        };
    }

    /// <summary>The intent was confirmed with Pix, and waits for its code to be paid.</summary>
    public static void AskForPix(JsonObject intent, DateTimeOffset expiresAt)
    {
        var page = $"https://payments.stripe.com/qr/instructions/{SimulatedWorld.NewId("CAAQ", 40)}";
        intent["status"] = "requires_action";
        intent["payment_method"] = SimulatedWorld.NewId("pm_");
        intent["payment_method_options"] = new JsonObject { ["pix"] = new JsonObject { ["expires_after_seconds"] = null, ["expires_at"] = expiresAt.ToUnixTimeSeconds() } };
        intent["next_action"] = new JsonObject
        {
            ["type"] = "pix_display_qr_code",
            ["pix_display_qr_code"] = new JsonObject
            {
                // As a bank's app would read it, with nothing behind it.
                ["data"] = $"00020101021226580014br.gov.bcb.pix2536pix.example.com/{intent.Id()}5204000053039865802BR5909QUITANDA6009SAO PAULO62070503***6304ABCD",
                ["expires_at"] = expiresAt.ToUnixTimeSeconds(),
                ["hosted_instructions_url"] = page,
                ["image_url_png"] = $"{page}.png",
                ["image_url_svg"] = $"{page}.svg",
            },
        };
    }

    public static JsonObject Declined(string declineCode) => new()
    {
        ["type"] = "card_error",
        ["code"] = "card_declined",
        ["decline_code"] = declineCode,
        ["doc_url"] = "https://docs.stripe.com/error-codes#card-declined",
        ["message"] = "Your card was declined.",
    };

    public static JsonObject Expired() => new()
    {
        ["type"] = "invalid_request_error",
        ["code"] = "payment_intent_payment_attempt_expired",
        ["doc_url"] = "https://docs.stripe.com/error-codes#payment-intent-payment-attempt-expired",
        ["message"] = "The payment attempt for this PaymentIntent expired.",
    };

    /// <summary>A charge that took the money, held it, or was refused it.</summary>
    public static JsonObject Charge(JsonObject intent, JsonObject? error, DateTimeOffset now)
    {
        var isPix = intent["payment_method_types"]!.AsArray() is [var only] && only!.GetValue<string>() == "pix";
        return new()
        {
            ["id"] = SimulatedWorld.NewId(isPix ? "py_" : "ch_"),
            ["object"] = "charge",
            ["amount"] = intent.Amount("amount"),
            ["amount_captured"] = 0L,
            ["amount_refunded"] = 0L,
            ["application"] = null,
            ["application_fee"] = null,
            ["application_fee_amount"] = null,
            ["balance_transaction"] = null,
            ["billing_details"] = new JsonObject { ["address"] = null, ["email"] = null, ["name"] = null, ["phone"] = null, ["tax_id"] = null },
            ["calculated_statement_descriptor"] = isPix ? null : "QUITANDA",
            ["captured"] = false,
            ["created"] = now.ToUnixTimeSeconds(),
            ["currency"] = intent["currency"]!.GetValue<string>(),
            ["customer"] = null,
            ["description"] = null,
            ["disputed"] = false,
            ["failure_balance_transaction"] = null,
            ["failure_code"] = error?["code"]!.GetValue<string>(),
            ["failure_message"] = error?["message"]!.GetValue<string>(),
            ["fraud_details"] = new JsonObject(),
            ["livemode"] = false,
            ["metadata"] = intent["metadata"]!.DeepClone(),
            ["on_behalf_of"] = null,
            ["outcome"] = new JsonObject
            {
                ["advice_code"] = null,
                ["network_advice_code"] = null,
                ["network_decline_code"] = null,
                ["network_status"] = error is null ? "approved_by_network" : "declined_by_network",
                ["reason"] = error?["decline_code"]?.GetValue<string>(),
                ["risk_level"] = "normal",
                ["seller_message"] = error is null ? "Payment complete." : "The bank did not return any further details with this decline.",
                ["type"] = error is null ? "authorized" : "issuer_declined",
            },
            ["paid"] = error is null,
            ["payment_intent"] = intent.Id(),
            ["payment_method"] = SimulatedWorld.NewId("pm_"),
            ["payment_method_details"] = isPix ? new() { ["type"] = "pix", ["pix"] = new JsonObject { ["bank_transaction_id"] = null } } : Card(),
            ["receipt_email"] = null,
            ["receipt_number"] = null,
            ["receipt_url"] = null,
            ["refunded"] = false,
            ["review"] = null,
            ["shipping"] = null,
            ["source"] = null,
            ["source_transfer"] = null,
            ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null,
            ["status"] = error is null ? "succeeded" : "failed",
            ["transfer_data"] = null,
            ["transfer_group"] = null,
        };
    }

    /// <summary>What Stripe keeps of a charge: 3.99 % and 39 for a card, 1.19 % for a Pix, as its price list for Brazil has it.</summary>
    public static JsonObject Transaction(JsonObject charge, DateTimeOffset now)
    {
        var (amount, isPix) = (charge.Amount("amount"), charge["payment_method_details"]!["type"]!.GetValue<string>() == "pix");
        var fee = isPix ? (amount * 119 + 5000) / 10_000 : (amount * 399 + 5000) / 10_000 + 39;
        var currency = charge["currency"]!.GetValue<string>();
        return new()
        {
            ["id"] = SimulatedWorld.NewId("txn_"),
            ["object"] = "balance_transaction",
            ["amount"] = amount,
            ["available_on"] = now.AddDays(30).ToUnixTimeSeconds(),
            ["balance_type"] = "payments",
            ["created"] = now.ToUnixTimeSeconds(),
            ["currency"] = currency,
            ["description"] = null,
            ["exchange_rate"] = null,
            ["fee"] = fee,
            ["fee_details"] = new JsonArray(new JsonObject { ["amount"] = fee, ["application"] = null, ["currency"] = currency, ["description"] = "Stripe processing fees", ["type"] = "stripe_fee" }),
            ["net"] = amount - fee,
            ["reporting_category"] = "charge",
            ["source"] = charge.Id(),
            ["status"] = "pending",
            ["type"] = isPix ? "payment" : "charge",
        };
    }

    public static JsonObject Refund(JsonObject charge, long amount, string status, JsonObject metadata, DateTimeOffset now)
    {
        var isPix = charge["payment_method_details"]!["type"]!.GetValue<string>() == "pix";
        JsonObject refund = new()
        {
            ["id"] = SimulatedWorld.NewId(isPix ? "pyr_" : "re_"),
            ["object"] = "refund",
            ["amount"] = amount,
            ["balance_transaction"] = SimulatedWorld.NewId("txn_"),
            ["charge"] = charge.Id(),
            ["created"] = now.ToUnixTimeSeconds(),
            ["currency"] = charge["currency"]!.GetValue<string>(),
            ["customer"] = null,
            ["customer_account"] = null,
            ["destination_details"] = isPix ? new() { ["pix"] = new JsonObject(), ["type"] = "pix" } : new JsonObject { ["card"] = new JsonObject { ["type"] = "refund", ["reference_status"] = "pending", ["reference_type"] = "acquirer_reference_number" }, ["type"] = "card" },
            ["metadata"] = metadata,
            ["payment_intent"] = charge["payment_intent"]!.GetValue<string>(),
            ["payment_method"] = charge["payment_method"]!.GetValue<string>(),
            ["reason"] = null,
            ["receipt_number"] = null,
            ["source_transfer_reversal"] = null,
            ["status"] = status,
            ["transfer_reversal"] = null,
        };
        if (status == "pending")
            refund["pending_reason"] = "processing";
        return refund;
    }

    public static JsonObject Dispute(JsonObject charge, long amount, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("du_"),
        ["object"] = "dispute",
        ["amount"] = amount,
        ["balance_transactions"] = new JsonArray(),
        ["charge"] = charge.Id(),
        ["created"] = now.ToUnixTimeSeconds(),
        ["currency"] = charge["currency"]!.GetValue<string>(),
        ["enhanced_eligibility_types"] = new JsonArray(),
        ["evidence"] = new JsonObject([.. Evidence.Select(name => KeyValuePair.Create(name, (JsonNode?)null)), KeyValuePair.Create("enhanced_evidence", (JsonNode?)new JsonObject())]),
        ["evidence_details"] = new JsonObject
        {
            ["due_by"] = now.AddDays(10).ToUnixTimeSeconds(),
            ["enhanced_eligibility"] = new JsonObject(),
            ["has_evidence"] = false,
            ["past_due"] = false,
            ["submission_count"] = 0L,
            ["submission_method"] = "not_submitted",
        },
        ["intended_submission_method"] = null,
        ["is_charge_refundable"] = false,
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["payment_intent"] = charge["payment_intent"]!.GetValue<string>(),
        ["reason"] = "fraudulent",
        ["status"] = "needs_response",
    };

    public static JsonObject Event(string type, JsonObject thing, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("evt_"),
        ["object"] = "event",
        ["api_version"] = StripeLine.Version,
        ["created"] = now.ToUnixTimeSeconds(),
        ["data"] = new JsonObject { ["object"] = thing.DeepClone() },
        ["livemode"] = false,
        ["pending_webhooks"] = 1,
        ["request"] = new JsonObject { ["id"] = null, ["idempotency_key"] = null },
        ["type"] = type,
    };

    private static readonly string[] Evidence =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication", "customer_email_address",
        "customer_name", "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description",
        "receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
        "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    ];

    private static JsonObject Card() => new()
    {
        ["type"] = "card",
        ["card"] = new JsonObject
        {
            ["amount_authorized"] = null,
            ["authorization_code"] = null,
            ["brand"] = "visa",
            ["checks"] = new JsonObject { ["address_line1_check"] = null, ["address_postal_code_check"] = null, ["cvc_check"] = "pass" },
            ["country"] = "BR",
            ["electronic_commerce_indicator"] = null,
            ["exp_month"] = 12,
            ["exp_year"] = 2034,
            ["fingerprint"] = null,
            ["funding"] = "credit",
            ["installments"] = null,
            ["last4"] = "4242",
            ["mandate"] = null,
            ["network"] = "visa",
            ["network_transaction_id"] = null,
            ["regulated_status"] = null,
            ["three_d_secure"] = null,
            ["transaction_link_id"] = null,
            ["wallet"] = null,
        },
    };
}
