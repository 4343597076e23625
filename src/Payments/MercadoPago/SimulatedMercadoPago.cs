using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.MercadoPago;

/// <summary>
/// Mercado Pago's other side, in its shapes: preferences, payments, refunds, chargebacks and their notices. A card's token decides what becomes of it at once, by the names that
/// Mercado Pago gives to the holders of its test cards: one that begins with <c>OTHE</c>, <c>CALL</c>, <c>FUND</c>, <c>SECU</c>, <c>EXPI</c> or <c>FORM</c> is rejected,
/// <c>CONT</c> is under review, <c>invalid</c> is no token; every other one is approved.
/// </summary>
internal sealed class SimulatedMercadoPago(Simulation simulation) : ISimulatedProvider
{
    private const string Preference = "preference";

    private const string Payment = "payment";

    private const string Refund = "refund";

    private const string Chargeback = "chargeback";

    private const long Seller = 724484980;

    private static readonly TimeSpan ShortestPix = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan LongestPix = TimeSpan.FromDays(30);

    public string Name => MercadoPagoSetup.ProviderName;

    public string? KeyOf(SimulatedQuestion question) => question.Method is "POST" ? question.Header("X-Idempotency-Key") : null;

    public async Task<SimulatedAnswer> Answer(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (question.Header("Authorization") != $"Bearer {MercadoPagoLine.SimulatedToken}")
            return new(401, new JsonObject { ["message"] = "invalid access token", ["error"] = "unauthorized", ["status"] = 401, ["cause"] = new JsonArray() });
        try
        {
            return (question.Method, question.Path.Trim('/').Split('/')) switch
            {
                ("POST", ["checkout", "preferences"]) => await Prepare(question.Json, world, ct),
                ("GET", ["checkout", "preferences", var id]) => await Show(Preference, id, world, ct),
                ("PUT", ["checkout", "preferences", var id]) => await Change(id, question.Json, world, ct),
                ("POST", ["v1", "payments"]) => await Take(question, world, ct),
                ("GET", ["v1", "payments", "search"]) => await Search(question.Query, world, ct),
                ("GET", ["v1", "payments", var id]) => await Show(Payment, id, world, ct),
                ("PUT", ["v1", "payments", var id]) => await Move(id, question.Json, world, ct),
                ("POST", ["v1", "payments", var id, "refunds"]) => await GiveBack(id, question, world, ct),
                ("GET", ["v1", "payments", var id, "refunds"]) => new(200, new JsonArray([.. await world.Children(Refund, id, ct)])),
                ("GET", ["v1", "payments", _, "refunds", var id]) => await Show(Refund, id, world, ct),
                ("GET", ["v1", "chargebacks", var id]) => await Show(Chargeback, id, world, ct),
                _ => Refused(404, null, "resource not found"),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return Refused(400, 1, "Params Error");
        }
    }

    public async Task<bool> Happen(string reference, SimulatedAct act, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find(Preference, reference, ct) is { } preference)
        {
            var attempts = await world.Children(Payment, preference.Word("external_reference")!, ct);
            var isOpen = preference.At("expiration_date_to") is not { } until || until > world.Now;
            switch (act.Deed)
            {
                case SimulatedDeed.Succeed or SimulatedDeed.Fail or SimulatedDeed.Authorize when isOpen && !attempts.Exists(HasCome):
                case SimulatedDeed.PayAgain when isOpen && attempts.Exists(HasCome):
                    var attempt = SimulatedMercadoPagoPayment.Of(preference, world.Now);
                    Settle(attempt, act, world.Now);
                    await Keep(attempt, "payment.created", world, ct);
                    return true;
                case SimulatedDeed.Expire when isOpen && !attempts.Exists(HasCome):
                    preference["expires"] = true;
                    preference["expiration_date_to"] = world.Now.Written();
                    await world.Put(Preference, reference, preference, ct);
                    return true;
                default:
                    return attempts.Find(HasCome) is { } paid && await Happen(paid, act, world, ct);
            }
        }

        return await world.Find(Payment, reference, ct) is { } payment && await Happen(payment, act, world, ct);
    }

    public IReadOnlyDictionary<string, string> Sign(SimulatedEvent happened, DateTimeOffset at)
    {
        var (request, time) = (Guid.CreateVersion7(at).ToString("D"), at.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        var signed = MercadoPagoWebhook.Signed(happened.Query.GetValueOrDefault(MercadoPagoWebhook.IdQuery), request, time);
        return new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            [MercadoPagoWebhook.RequestHeader] = request,
            [MercadoPagoWebhook.SignatureHeader] = $"ts={time},v1={SignatureCheck.Sign(simulation.KeyOf(Name), signed)}",
            ["content-type"] = "application/json",
        };
    }

    private static bool HasCome(JsonObject payment) => payment.Word("status") is "approved" or "authorized" or "refunded" or "charged_back" or "in_mediation";

    private static SimulatedAnswer Refused(int status, int? code, string why) => new(status, new JsonObject
    {
        ["message"] = why,
        ["error"] = status is 404 ? "not_found" : "bad_request",
        ["status"] = status,
        ["cause"] = code is null ? [] : new JsonArray(new JsonObject { ["code"] = code, ["description"] = why, ["data"] = null }),
    });

    private static async Task<SimulatedAnswer> Show(string kind, string id, SimulatedWorld world, CancellationToken ct) =>
        await world.Find(kind, id, ct) is { } found ? new(200, found) : Refused(404, 2000, $"{kind} not found");

    private static async Task<SimulatedAnswer> Prepare(JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (asked["items"] is not JsonArray { Count: > 0 } items || items.Any(item => item!["unit_price"]!.GetValue<decimal>() <= 0 || item["quantity"]!.GetValue<int>() < 1))
            return Refused(400, null, "items needed");
        if (asked["auto_return"] is not null && asked["back_urls"]?["success"]?.GetValue<string>().StartsWith("https:", StringComparison.Ordinal) is not true)
            return Refused(400, null, "auto_return invalid. back_url.success must be defined");
        if (asked.At("expiration_date_to") <= world.Now)
            return Refused(400, null, "expiration_date_to invalid. Must be in the future");
        var id = $"{Seller}-{Guid.CreateVersion7():D}";
        var made = asked.DeepClone().AsObject();
        made["id"] = id;
        made["client_id"] = "6408010253219411";
        made["collector_id"] = Seller;
        made["date_created"] = world.Now.Written();
        made["init_point"] = $"https://www.mercadopago.com.br/checkout/v1/redirect?pref_id={id}";
        made["sandbox_init_point"] = $"https://sandbox.mercadopago.com.br/checkout/v1/redirect?pref_id={id}";
        made["operation_type"] = "regular_payment";
        made["site_id"] = "MLB";
        await world.Put(Preference, id, made, ct, asked.Word("external_reference"));
        return new(201, made);
    }

    private static async Task<SimulatedAnswer> Change(string id, JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find(Preference, id, ct) is not { } preference)
            return Refused(404, null, "preference not found");
        foreach (var (name, value) in asked)
            preference[name] = value?.DeepClone();
        await world.Put(Preference, id, preference, ct);
        return new(200, preference);
    }

    private static async Task<SimulatedAnswer> Take(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var asked = question.Json;
        if (question.Header("X-Idempotency-Key") is not { Length: > 0 and <= 64 })
            return Refused(400, 4292, "Header X-Idempotency-Key can't be null");
        if (asked["transaction_amount"]?.GetValue<decimal>() is not { } amount || amount <= 0 || decimal.Round(amount, 2) != amount)
            return Refused(400, 4037, "Invalid transaction_amount");
        if (asked["payer"]?["email"]?.GetValue<string>() is not { } email || !email.Contains('@', StringComparison.Ordinal))
            return Refused(400, 4050, "payer.email must be a valid email");
        if (asked.Word("payment_method_id") is not { } way)
            return Refused(400, 4020, "payment_method_id can't be null");
        var until = asked.At("date_of_expiration");
        if (way == "pix" && until is { } end && (end < world.Now + ShortestPix || end > world.Now + LongestPix))
            return Refused(400, 4040, "date_of_expiration must be between 30 minutes and 30 days");
        var token = asked.Word("token");
        if (way != "pix" && (token is null || token.StartsWith("invalid", StringComparison.Ordinal)))
            return Refused(400, 2006, "Card Token not found");

        var payment = SimulatedMercadoPagoPayment.Of(asked, amount, way, world.Now);
        if (token is not null)
            Settle(payment, SimulatedMercadoPagoPayment.Decided(token), world.Now);
        await Keep(payment, "payment.created", world, ct);
        return new(201, payment);
    }

    private static async Task<SimulatedAnswer> Search(IReadOnlyDictionary<string, string> query, SimulatedWorld world, CancellationToken ct)
    {
        var (offset, limit) = (Number("offset", 0), Math.Min(Number("limit", 30), 100));
        List<JsonObject> found;
        if (query.TryGetValue("external_reference", out var ours))
            found = [.. (await world.Children(Payment, ours, ct)).Skip(offset)];
        else
            found = (await world.Made(Payment, When("begin_date") ?? world.Now.AddMonths(-3), When("end_date") ?? world.Now, limit + 1, offset, ct)).ConvertAll(made => made.Body);
        return new(200, new JsonObject
        {
            ["paging"] = new JsonObject { ["total"] = offset + found.Count, ["limit"] = limit, ["offset"] = offset },
            ["results"] = new JsonArray([.. found.Take(limit)]),
        });

        int Number(string name, int otherwise) => query.TryGetValue(name, out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

        DateTimeOffset? When(string name) => query.TryGetValue(name, out var text) ? JsonValue.Create(text).At() : null;
    }

    private static async Task<SimulatedAnswer> Move(string id, JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find(Payment, id, ct) is not { } payment)
            return Refused(404, 2000, "Payment not found");
        var status = payment.Word("status");
        if (asked["capture"]?.GetValue<bool>() is true && status == "authorized")
            SimulatedMercadoPagoPayment.Approve(payment, world.Now);
        else if (asked.Word("status") == "cancelled" && status is "pending" or "in_process" or "authorized")
            SimulatedMercadoPagoPayment.Stand(payment, "cancelled", "by_collector", world.Now);
        else
            return Refused(400, 2063, "The action requested is not valid for the current payment state");
        await Keep(payment, "payment.updated", world, ct);
        return new(200, payment);
    }

    private static async Task<SimulatedAnswer> GiveBack(string id, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (question.Header("X-Idempotency-Key") is null)
            return Refused(400, 4292, "Header X-Idempotency-Key can't be null");
        if (await world.Find(Payment, id, ct) is not { } payment)
            return Refused(404, 2000, "Payment not found");
        var left = SimulatedMercadoPagoPayment.Left(payment);
        var amount = question.Json["amount"]?.GetValue<decimal>() ?? left;
        if (amount <= 0)
            return Refused(400, 4040, "amount attribute must be positive");
        if (world.RefundFails || payment.Word("status") != "approved" || amount > left)
            return Refused(400, 2063, "The action requested is not valid for the current payment state");
        var refund = await Return(payment, amount, world, ct);
        return new(201, refund);
    }

    private static async Task<JsonObject> Return(JsonObject payment, decimal amount, SimulatedWorld world, CancellationToken ct)
    {
        var refund = SimulatedMercadoPagoPayment.Return(payment, amount, Seller, world.Now);
        await world.Put(Refund, refund.Word("id")!, refund, ct, payment.Word("id"));
        await Keep(payment, "payment.updated", world, ct);
        return refund;
    }

    /// <summary>Something happens to a payment that is there.</summary>
    private static async Task<bool> Happen(JsonObject payment, SimulatedAct act, SimulatedWorld world, CancellationToken ct)
    {
        var (status, detail) = (payment.Word("status"), payment.Word("status_detail"));
        switch (act.Deed)
        {
            case SimulatedDeed.Succeed or SimulatedDeed.Fail or SimulatedDeed.Authorize when status is "pending" or "in_process":
                Settle(payment, act, world.Now);
                break;
            case SimulatedDeed.Succeed when status == "authorized":
                SimulatedMercadoPagoPayment.Approve(payment, world.Now);
                break;
            case SimulatedDeed.Expire when status is "pending" or "in_process" or "authorized":
                SimulatedMercadoPagoPayment.Stand(payment, "cancelled", "expired", world.Now);
                break;
            case SimulatedDeed.Refund when status == "approved" && SimulatedMercadoPagoPayment.Left(payment) is var left && act.Amount is null or > 0:
                var amount = act.Amount is { } some ? some / 100m : left;
                if (amount > left)
                    return false;
                await Return(payment, amount, world, ct);
                return true;
            // Also one that was won before.
            case SimulatedDeed.Dispute when status == "approved" || (status, detail) is ("charged_back", "reimbursed"):
                SimulatedMercadoPagoPayment.Stand(payment, "charged_back", "in_process", world.Now);
                await Dispute(payment, world, ct);
                break;
            case SimulatedDeed.WinDispute or SimulatedDeed.LoseDispute when status == "charged_back" && detail != (act.Deed is SimulatedDeed.WinDispute ? "reimbursed" : "settled"):
                SimulatedMercadoPagoPayment.Stand(payment, "charged_back", act.Deed is SimulatedDeed.WinDispute ? "reimbursed" : "settled", world.Now);
                await Dispute(payment, world, ct);
                break;
            default:
                return false;
        }

        await Keep(payment, "payment.updated", world, ct);
        return true;
    }

    private static void Settle(JsonObject payment, SimulatedAct act, DateTimeOffset now)
    {
        if (act.Deed is SimulatedDeed.Succeed or SimulatedDeed.PayAgain)
            SimulatedMercadoPagoPayment.Approve(payment, now);
        else if (act.Deed is SimulatedDeed.Authorize)
            SimulatedMercadoPagoPayment.Stand(payment, "authorized", "pending_capture", now);
        else if (act.Deed is SimulatedDeed.Fail)
            SimulatedMercadoPagoPayment.Stand(payment, "rejected", act.Code ?? "cc_rejected_other_reason", now);
        else
            SimulatedMercadoPagoPayment.Stand(payment, "in_process", "pending_contingency", now);
    }

    private static async Task Dispute(JsonObject payment, SimulatedWorld world, CancellationToken ct)
    {
        var id = payment.Word("id")!;
        var chargeback = (await world.Children(Chargeback, id, ct)).FirstOrDefault() ?? SimulatedMercadoPagoPayment.Chargeback(payment, world.Now);
        chargeback["date_last_updated"] = world.Now.Written();
        await world.Put(Chargeback, chargeback.Word("id")!, chargeback, ct, id);
        Tell("topic_chargebacks_wh", "changed_case_status", chargeback.Word("id")!, await ThingOf(payment, world, ct), world);
    }

    private static async Task Keep(JsonObject payment, string happened, SimulatedWorld world, CancellationToken ct)
    {
        await world.Put(Payment, payment.Word("id")!, payment, ct, payment.Word("external_reference"));
        Tell("payment", happened, payment.Word("id")!, await ThingOf(payment, world, ct), world);
    }

    /// <summary>What we know the payment by: its preference, where it has one.</summary>
    private static async Task<string> ThingOf(JsonObject payment, SimulatedWorld world, CancellationToken ct) =>
        payment.Word("external_reference") is { } ours && (await world.Children(Preference, ours, ct)).LastOrDefault() is { } preference ? preference.Word("id")! : payment.Word("id")!;

    private static void Tell(string type, string action, string about, string thing, SimulatedWorld world)
    {
        var body = new JsonObject
        {
            ["action"] = action,
            ["api_version"] = "v1",
            ["data"] = new JsonObject { ["id"] = about },
            ["date_created"] = world.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["id"] = SimulatedMercadoPagoPayment.NewId(),
            ["live_mode"] = false,
            ["type"] = type,
            ["user_id"] = Seller,
        };
        world.Emit(new(RandomNumberGenerator.GetHexString(32, lowercase: true), action, thing, Encoding.UTF8.GetBytes(body.ToJsonString()), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [MercadoPagoWebhook.IdQuery] = about,
            ["type"] = type,
        }));
    }
}
