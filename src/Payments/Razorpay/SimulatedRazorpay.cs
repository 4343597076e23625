using System.Globalization;
using System.Text.Json.Nodes;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;
using static Quitanda.Payments.Razorpay.SimulatedRazorpayThings;

namespace Quitanda.Payments.Razorpay;

/// <summary>
/// Razorpay's side of its API: orders, the payments that are tried for them, refunds and disputes. The account captures by itself what its payers pay (<c>succeed</c>); <c>authorize</c>
/// leaves it to us, and <c>expire</c> lets go of what we did not take. An order itself never expires. Lists have the oldest first, where Razorpay's have the newest.
/// </summary>
internal sealed class SimulatedRazorpay(Simulation simulation) : ISimulatedProvider
{
    private const int LettersOfReceipt = 40;

    /// <summary>Of the times that Razorpay takes.</summary>
    private const long TheEnd = 4_765_046_400;

    private static readonly string[] OfOrder = ["amount", "currency", "receipt", "notes", "partial_payment"];
    private static readonly string[] OfCapture = ["amount", "currency"];
    private static readonly string[] OfRefund = ["amount", "speed", "receipt", "notes"];

    public string Name => RazorpaySetup.ProviderName;

    public string? KeyOf(SimulatedQuestion question) =>
        question.Method == "POST" && question.Path.EndsWith("/refund", StringComparison.Ordinal) && question.Header(RazorpayApi.RefundKeyHeader) is { } key ? $"refund:{key}" : null;

    public async Task<SimulatedAnswer> Answer(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (question.Header("Authorization")?.StartsWith("Basic ", StringComparison.Ordinal) != true)
            return Refused("Please provide your api key for authentication purposes.", status: 401);
        return (question.Method, question.Path.Trim('/').Split('/')) switch
        {
            ("POST", ["v1", "orders"]) => await MakeOrder(question.Json, world, ct),
            ("GET", ["v1", "orders"]) => new(200, await Orders(question, world, ct)),
            ("GET", ["v1", "orders", var id, "payments"]) => await world.Find(Order, id, ct) is null ? Unknown() : new(200, Collection(await world.Children(Payment, id, ct))),
            ("GET", ["v1", "orders", var id]) => await Find(Order, id, world, ct),
            ("GET", ["v1", "payments"]) => new(200, Collection(await Page(Payment, question, world, ct))),
            ("GET", ["v1", "payments", var id, "refunds"]) => await world.Find(Payment, id, ct) is null ? Unknown() : new(200, Collection(await world.Children(RefundKind, id, ct))),
            ("GET", ["v1", "payments", var id]) => await Find(Payment, id, world, ct),
            ("POST", ["v1", "payments", var id, "capture"]) => await Capture(id, question.Json, world, ct),
            ("POST", ["v1", "payments", var id, "refund"]) => await Refund(id, question.Json, world, ct),
            ("GET", ["v1", "refunds", var id]) => await Find(RefundKind, id, world, ct),
            ("GET", ["v1", "disputes"]) => new(200, Collection(await Page(DisputeKind, question, world, ct))),
            ("GET", ["v1", "disputes", var id]) => await Find(DisputeKind, id, world, ct),
            _ => Refused("The requested URL was not found on the server."),
        };
    }

    public async Task<bool> Happen(string reference, SimulatedAct act, SimulatedWorld world, CancellationToken ct)
    {
        // Payments before their order, as when one of them is captured: so two can never wait for each other.
        var payments = await world.Children(Payment, reference, ct);
        if (await world.Find(Order, reference, ct) is not { } order)
            return false;
        var isPaid = order.Text("status") == "paid";
        var money = payments.Find(payment => (bool)payment["captured"]!);
        var held = payments.Find(payment => payment.Text("status") == "authorized");
        var disputes = money is null ? [] : await world.Children(DisputeKind, money.Text("id")!, ct);
        var open = disputes.Find(dispute => dispute.Text("status") == "open");
        // The one that waits, or else the last one, by an appeal.
        var dispute = open ?? disputes.LastOrDefault(dispute => dispute.Text("status") == (act.Deed is SimulatedDeed.WinDispute ? "lost" : "won"));
        switch (act.Deed)
        {
            case SimulatedDeed.Succeed when !isPaid:
                await Take(held ?? await Begin(order, "authorized", world, ct), order, world, ct);
                return true;
            case SimulatedDeed.Authorize when !isPaid && held is null:
                await Begin(order, "authorized", world, ct);
                return true;
            case SimulatedDeed.Fail when !isPaid && held is null:
                await Begin(order, "failed", world, ct, act.Code ?? "payment_failed");
                return true;
            case SimulatedDeed.Expire when held is not null:
                await GiveBack(held, held.Number("amount"), [], world, ct);
                return true;
            case SimulatedDeed.Refund when money is not null && !disputes.Exists(IsInBanksHands) && Left(money) > 0 && (act.Amount ?? Left(money)) <= Left(money):
                await GiveBack(money, act.Amount ?? Left(money), [], world, ct);
                return true;
            case SimulatedDeed.Dispute when money is not null && !disputes.Exists(IsInBanksHands) && Left(money) > 0:
                var opened = NewDispute(money, world.Now);
                // Which of two came later is told by their seconds.
                opened["created_at"] = Math.Max(opened.Number("created_at"), disputes.Select(before => before.Number("created_at") + 1).DefaultIfEmpty().Max());
                await Tell("payment.dispute.created", money, opened, world, ct);
                return true;
            case SimulatedDeed.WinDispute when dispute is not null:
                (dispute["status"], dispute["amount_deducted"]) = ("won", 0L);
                await Tell("payment.dispute.won", money!, dispute, world, ct);
                return true;
            case SimulatedDeed.LoseDispute when dispute is not null:
                (dispute["status"], dispute["amount_deducted"]) = ("lost", Math.Min(dispute.Number("amount"), Left(money!)));
                await Tell("payment.dispute.lost", money!, dispute, world, ct);
                return true;
            default:
                return false;
        }
    }

    public IReadOnlyDictionary<string, string> Sign(SimulatedEvent happened, DateTimeOffset at) => new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [RazorpayWebhook.SignatureHeader] = SignatureCheck.Sign(simulation.KeyOf(Name), happened.Body),
        [RazorpayWebhook.EventIdHeader] = happened.Id,
    };

    private static async Task<SimulatedAnswer> MakeOrder(JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (Unasked(asked, OfOrder) is { } unasked)
            return unasked;
        if (Amount(asked) is not { } amount)
            return Refused("The amount must be an integer.", "amount");
        if (asked.Text("currency") is not { } currency || !Currencies.Exists(currency))
            return Refused("Currency is not supported", "currency");
        if (amount < 100)
            return Refused($"The amount must be at least {currency} 1.00", "amount");
        if (asked.Text("receipt") is { Length: > LettersOfReceipt })
            return Refused("The receipt may not be greater than 40 characters.", "receipt");
        var order = NewOrder(asked, amount, currency, world.Now);
        await world.Put(Order, order.Text("id")!, order, ct, asked.Text("receipt"));
        return new(200, order);
    }

    private static async Task<JsonNode> Orders(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var found = question.Query.GetValueOrDefault("receipt") is { } receipt ? await world.Children(Order, receipt, ct) : await Page(Order, question, world, ct);
        if (question.Query.GetValueOrDefault("expand[]") == "payments")
            foreach (var order in found)
                order["payments"] = Collection(await world.Children(Payment, order.Text("id")!, ct));
        return Collection(found);
    }

    private static async Task<SimulatedAnswer> Capture(string id, JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (Unasked(asked, OfCapture) is { } unasked)
            return unasked;
        if (await world.Find(Payment, id, ct) is not { } payment)
            return Unknown();
        if ((bool)payment["captured"]!)
            return Refused("This payment has already been captured");
        if (payment.Text("status") != "authorized")
            return Refused("Only payments which have been authorized and not yet captured can be captured");
        if (Amount(asked) != payment.Number("amount") || asked.Text("currency") != payment.Text("currency"))
            return Refused("Capture amount must be equal to the amount authorized", "amount");
        await Take(payment, (await world.Find(Order, payment.Text("order_id")!, ct))!, world, ct);
        return new(200, payment);
    }

    private static async Task<SimulatedAnswer> Refund(string id, JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        if (Unasked(asked, OfRefund) is { } unasked)
            return unasked;
        if (await world.Find(Payment, id, ct) is not { } payment)
            return Unknown();
        if (!(bool)payment["captured"]!)
            return Refused("The payment status should be captured for action to be taken");
        if ((await world.Children(DisputeKind, id, ct)).Exists(IsInBanksHands))
            return Refused("Refund is not allowed since the payment is disputed");
        if (Left(payment) == 0)
            return Refused("The payment has been fully refunded already");
        var amount = asked.ContainsKey("amount") ? Amount(asked) : Left(payment);
        if (amount is null or < 100)
            return Refused($"The amount must be at least {payment.Text("currency")} 1.00", "amount");
        if (amount > Left(payment))
            return Refused("The refund amount provided is greater than amount captured", "amount");
        if (world.RefundFails)
            return Refused("Your account does not have enough balance to carry out the refund operation.", reason: "insufficient_balance");
        return new(200, await GiveBack(payment, amount.Value, asked, world, ct));
    }

    /// <summary>What a bank holds, or has taken, is not there to be given back.</summary>
    private static bool IsInBanksHands(JsonObject dispute) => dispute.Text("status") != "won";

    /// <summary>A payer tries, and the bank holds the money or does not.</summary>
    private static async Task<JsonObject> Begin(JsonObject order, string status, SimulatedWorld world, CancellationToken ct, string? reason = null)
    {
        var payment = NewPayment(order, status, reason, world.Now);
        (order["status"], order["attempts"]) = ("attempted", order.Number("attempts") + 1);
        await world.Put(Order, order.Text("id")!, order, ct);
        await world.Put(Payment, payment.Text("id")!, payment, ct, order.Text("id"));
        Emit(world, $"payment.{status}", payment);
        return payment;
    }

    private static async Task Take(JsonObject payment, JsonObject order, SimulatedWorld world, CancellationToken ct)
    {
        var amount = payment.Number("amount");
        var (fee, tax) = FeeOf(amount);
        (payment["status"], payment["captured"], payment["fee"], payment["tax"]) = ("captured", true, fee, tax);
        (order["status"], order["amount_paid"], order["amount_due"]) = ("paid", amount, 0L);
        await world.Put(Payment, payment.Text("id")!, payment, ct);
        await world.Put(Order, order.Text("id")!, order, ct);
        Emit(world, "payment.captured", payment);
        Emit(world, "order.paid", payment, ("order", order));
    }

    private static async Task<JsonObject> GiveBack(JsonObject payment, long amount, JsonObject asked, SimulatedWorld world, CancellationToken ct)
    {
        var refund = NewRefund(payment, amount, asked, world.Now);
        payment["amount_refunded"] = payment.Number("amount_refunded") + amount;
        var isWhole = Left(payment) == 0;
        payment["refund_status"] = isWhole ? "full" : "partial";
        if (isWhole)
            payment["status"] = "refunded";
        await world.Put(Payment, payment.Text("id")!, payment, ct);
        await world.Put(RefundKind, refund.Text("id")!, refund, ct, payment.Text("id"));
        Emit(world, "refund.created", payment, ("refund", refund));
        Emit(world, "refund.processed", payment, ("refund", refund));
        return refund;
    }

    private static async Task Tell(string what, JsonObject payment, JsonObject dispute, SimulatedWorld world, CancellationToken ct)
    {
        await world.Put(DisputeKind, dispute.Text("id")!, dispute, ct, payment.Text("id"));
        Emit(world, what, payment, ("dispute", dispute));
    }

    private static async Task<SimulatedAnswer> Find(string kind, string id, SimulatedWorld world, CancellationToken ct) => await world.Find(kind, id, ct) is { } found ? new(200, found) : Unknown();

    private static async Task<List<JsonObject>> Page(string kind, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var made = await world.Made(
            kind, DateTimeOffset.FromUnixTimeSeconds(Of("from", 0)), DateTimeOffset.FromUnixTimeSeconds(Of("to", TheEnd) + 1), (int)Math.Min(Of("count", 10), RazorpayApi.PageSize), (int)Of("skip", 0), ct);
        return made.ConvertAll(thing => thing.Body);

        long Of(string name, long without) => question.Query.TryGetValue(name, out var said) ? Math.Min(TheEnd, long.Parse(said, NumberStyles.None, CultureInfo.InvariantCulture)) : without;
    }
}
