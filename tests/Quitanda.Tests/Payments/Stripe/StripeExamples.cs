using System.Text.Json.Nodes;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>
/// Stripe's own examples from github.com/stripe/openapi, <c>openapi/fixtures3.json</c> at 00ea679fe5a8, with what a test is about changed in them.
/// </summary>
internal static class StripeExamples
{
    public static readonly Guid PaymentId = Guid.Parse("0197f3a0-1111-7000-8000-000000000000");
    public static readonly DateTimeOffset Until = new(2026, 3, 4, 15, 30, 0, TimeSpan.Zero);

    public static PaymentOrder Order(PaymentMethod? method) => new(PaymentId, new(3490, "BRL"), method, Installments: null, ReturnUrl: null, Until, new(Email: "ana@example.com"));

    public static Charge Charge() => new(PaymentId, "pi_1MoS6fLgUG5tbmjca6AdBPsl", ChargeReference: null, new(3490, "BRL"));

    public static RefundOrder Refund() => new(Guid.Parse("0197f3a0-2222-7000-8000-000000000000"), new(100, "BRL"), "refund-1", "Cold");

    public static JsonObject Intent(params (string Name, JsonNode? Value)[] changes) => Changed("""
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

    public static JsonObject Paid(params (string Name, JsonNode? Value)[] changesOfCharge) =>
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
