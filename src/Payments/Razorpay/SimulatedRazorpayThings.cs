using System.Text.Json;
using System.Text.Json.Nodes;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.Razorpay;

/// <summary>What the simulated Razorpay's answers and events look like.</summary>
internal static class SimulatedRazorpayThings
{
    public const string Order = "order";
    public const string Payment = "payment";
    public const string RefundKind = "refund";
    public const string DisputeKind = "dispute";

    private const int LettersOfId = 14;

    public static string? Text(this JsonObject thing, string name) => thing[name] is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;

    public static long Number(this JsonObject thing, string name) => thing[name]!.GetValue<long>();

    /// <summary>Minor units that were asked for; null where they are no whole number.</summary>
    public static long? Amount(JsonObject asked) => asked["amount"] is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<long>(out var amount) ? amount : null;

    /// <summary>How much of a payment has not gone back.</summary>
    public static long Left(JsonObject payment) => payment.Number("amount") - payment.Number("amount_refunded");

    /// <summary>Two in a hundred, and the tax on that, which the fee includes.</summary>
    public static (long Fee, long Tax) FeeOf(long amount)
    {
        var net = amount * 2 / 100;
        var tax = net * 18 / 100;
        return (net + tax, tax);
    }

    public static JsonObject NewOrder(JsonObject asked, long amount, string currency, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("order_", LettersOfId),
        ["entity"] = "order",
        ["amount"] = amount,
        ["amount_paid"] = 0L,
        ["amount_due"] = amount,
        ["currency"] = currency,
        ["receipt"] = asked.Text("receipt"),
        ["offer_id"] = null,
        ["status"] = "created",
        ["attempts"] = 0L,
        ["notes"] = NotesOf(asked),
        ["created_at"] = now.ToUnixTimeSeconds(),
    };

    /// <summary>A payment has the notes that its payer's page gave Checkout, and not those of its order: here none.</summary>
    public static JsonObject NewPayment(JsonObject order, string status, string? reason, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("pay_", LettersOfId),
        ["entity"] = "payment",
        ["amount"] = order.Number("amount"),
        ["currency"] = order.Text("currency"),
        ["status"] = status,
        ["order_id"] = order.Text("id"),
        ["invoice_id"] = null,
        ["international"] = false,
        ["method"] = "upi",
        ["amount_refunded"] = 0L,
        ["refund_status"] = null,
        ["captured"] = false,
        ["description"] = null,
        ["card_id"] = null,
        ["bank"] = null,
        ["wallet"] = null,
        ["vpa"] = reason is null ? "success@razorpay" : "failure@razorpay",
        ["email"] = "void@razorpay.com",
        ["contact"] = "+919999999999",
        ["notes"] = new JsonArray(),
        ["fee"] = null,
        ["tax"] = null,
        ["error_code"] = reason is null ? null : "BAD_REQUEST_ERROR",
        ["error_description"] = reason is null ? null : "Payment was unsuccessful due to a temporary issue.",
        ["error_source"] = reason is null ? null : "gateway",
        ["error_step"] = reason is null ? null : "payment_response",
        ["error_reason"] = reason,
        ["acquirer_data"] = new JsonObject { ["rrn"] = null },
        ["created_at"] = now.ToUnixTimeSeconds(),
    };

    public static JsonObject NewRefund(JsonObject payment, long amount, JsonObject asked, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("rfnd_", LettersOfId),
        ["entity"] = "refund",
        ["amount"] = amount,
        ["currency"] = payment.Text("currency"),
        ["payment_id"] = payment.Text("id"),
        ["notes"] = NotesOf(asked),
        ["receipt"] = asked.Text("receipt"),
        ["acquirer_data"] = new JsonObject { ["arn"] = null },
        ["created_at"] = now.ToUnixTimeSeconds(),
        ["batch_id"] = null,
        ["status"] = "processed",
        ["speed_processed"] = "normal",
        ["speed_requested"] = "normal",
    };

    public static JsonObject NewDispute(JsonObject payment, DateTimeOffset now) => new()
    {
        ["id"] = SimulatedWorld.NewId("disp_", LettersOfId),
        ["entity"] = "dispute",
        ["payment_id"] = payment.Text("id"),
        ["amount"] = Left(payment),
        ["currency"] = payment.Text("currency"),
        ["amount_deducted"] = 0L,
        ["reason_code"] = "chargeback",
        ["respond_by"] = now.AddDays(7).ToUnixTimeSeconds(),
        ["status"] = "open",
        ["phase"] = "chargeback",
        ["created_at"] = now.ToUnixTimeSeconds(),
    };

    public static JsonObject Collection(List<JsonObject> items) => new() { ["entity"] = "collection", ["count"] = items.Count, ["items"] = new JsonArray([.. items]) };

    public static SimulatedAnswer Unknown() => Refused("The id provided does not exist");

    public static SimulatedAnswer Refused(string description, string? field = null, string reason = "input_validation_failed", int status = 400)
    {
        JsonObject error = new() { ["code"] = "BAD_REQUEST_ERROR", ["description"] = description, ["source"] = "business", ["step"] = "payment_initiation", ["reason"] = reason, ["metadata"] = new JsonObject() };
        if (field is not null)
            error["field"] = field;
        return new(status, new JsonObject { ["error"] = error });
    }

    /// <summary>Razorpay refuses what it does not know.</summary>
    public static SimulatedAnswer? Unasked(JsonObject asked, string[] known) =>
        asked.Select(member => member.Key).FirstOrDefault(name => !known.Contains(name)) is { } odd ? Refused($"{odd} is/are not required and should not be sent", odd) : null;

    /// <summary>Tells of a payment and what else it is about, in the order in which Razorpay names them.</summary>
    public static void Emit(SimulatedWorld world, string type, JsonObject payment, (string Name, JsonObject Entity)? also = null)
    {
        var contains = new JsonArray("payment");
        JsonObject payload = new() { ["payment"] = new JsonObject { ["entity"] = payment.DeepClone() } };
        if (also is var (name, entity))
        {
            contains.Add(name);
            payload[name] = new JsonObject { ["entity"] = entity.DeepClone() };
        }

        JsonObject said = new()
        {
            ["entity"] = "event",
            ["account_id"] = "acc_Simulated00001",
            ["event"] = type,
            ["contains"] = contains,
            ["payload"] = payload,
            ["created_at"] = world.Now.ToUnixTimeSeconds(),
        };
        world.Emit(new(SimulatedWorld.NewId("", LettersOfId), type, payment.Text("order_id")!, JsonSerializer.SerializeToUtf8Bytes(said), new Dictionary<string, string>(StringComparer.Ordinal)));
    }

    private static JsonNode NotesOf(JsonObject asked) => asked["notes"] is JsonObject { Count: > 0 } notes ? notes.DeepClone() : new JsonArray();
}
