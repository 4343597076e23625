using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Razorpay;

/// <summary>
/// Razorpay. A payment is an order there (<c>order_...</c>), which the payer's page opens Razorpay's Checkout with; the payments that are tried for it (<c>pay_...</c>), of which
/// one is the money, are Razorpay's own. Captured by itself or by us, as the account is set.
/// </summary>
internal sealed class RazorpayProvider(RazorpayApi api, IOptions<RazorpaySettings> settings, Simulation simulation) : IPaymentProvider
{
    public string Name => RazorpaySetup.ProviderName;

    public string? WhyOff => simulation.IsOn(Name) ? null : settings.Value switch
    {
        { KeyId.Length: 0 } => "Razorpay:KeyId is not set.",
        { KeySecret.Length: 0 } => "Razorpay:KeySecret is not set.",
        _ => null,
    };

    public IReadOnlyList<PaymentMethod> Methods { get; } = [PaymentMethod.Card, PaymentMethod.Upi];

    public string? PublicKey => simulation.IsOn(Name) ? "simulated" : settings.Value.KeyId is { Length: > 0 } key ? key : null;

    public void Check(PaymentOrder order)
    {
        if (order.Installments > 1)
            throw new InvalidException("installments", "razorpay asks its payer for them.");
        if (order.Input.CardToken is not null)
            throw new InvalidException("cardToken", "razorpay takes cards on its own page only.");
    }

    /// <summary>
    /// An order for this payment: the one that is there, found by its receipt, which is the key, or else a new one.
    /// </summary>
    /// <remarks>
    /// Orders have no idempotency key. Two that ask at once, or one that asks before Razorpay's list knows what the other made, so make two orders. That costs nothing: an order is
    /// no money, only the order that our books keep is ever shown to a payer, and our books keep the first they hear of. The other lies there and is never paid. Once both are in the
    /// list, everybody takes the same one of them.
    /// </remarks>
    public async Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct)
    {
        if (await There(order, key, ct) is { } there)
            return new(there);

        var answer = await api.MakeOrder(new()
        {
            ["amount"] = order.Amount.Amount,
            ["currency"] = order.Amount.Currency,
            ["receipt"] = key,
            ["notes"] = new JsonObject { ["payment_id"] = order.PaymentId.ToString("D") },
        }, ct);
        if (answer.IsSuccess)
            return new(answer.Body.Id("id") ?? throw new ProviderUnavailableException("razorpay made an order and did not say its id."));
        // Where the account holds receipts to be unique, what is refused may be a repeat.
        return await There(order, key, ct) is { } made ? new(made) : OpenedCharge.Refused(RazorpayApi.RefusalOf(answer));
    }

    public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct)
    {
        var chosen = await Chosen(charge, ct);
        var news = RazorpayNews.Of(charge.Reference, chosen);
        if (news is not { State: ChargeState.Succeeded, ChargeReference: { } id, Amount: { } paid })
            return news;

        // What the payment says of it counts refunds that failed for as long as Razorpay takes to see that.
        if (news.RefundedAmount > 0)
            news = news with { RefundedAmount = (await api.RefundsOf(id, ct)).Where(refund => refund.Text("status") != "failed").Sum(refund => refund.Number("amount") ?? 0) };
        return news with { Dispute = RazorpayNews.DisputeOf(await api.DisputesOf(id, chosen!.Value.Time("created_at"), ct), paid) };
    }

    /// <summary>Takes what is held, if it is as much as was asked for. Refused it is as well where it was taken before: so a refusal only leads to asking how it stands.</summary>
    public async Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct)
    {
        if (await Chosen(charge, ct) is { } held && RazorpayNews.IsHeld(held) && held.Money("amount") == charge.Amount && held.Id("id") is { } id
            && await api.Capture(id, charge.Amount, ct) is { IsSuccess: true } answer && RazorpayNews.HasComeIn(answer.Body))
            return RazorpayNews.Of(charge.Reference, answer.Body);
        return await Fetch(charge, ct);
    }

    /// <summary>An order cannot be ended: it is left alone, and what is held for it Razorpay lets go of. Whoever pays it all the same is given their money back.</summary>
    public async Task<ChargeNews> Cancel(Charge charge, CancellationToken ct) =>
        await Fetch(charge, ct) is { State: ChargeState.Succeeded or ChargeState.Authorized } paid ? paid : new(charge.Reference, ChargeState.Cancelled);

    public async Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct)
    {
        if ((charge.ChargeReference ?? (await Chosen(charge, ct) is { } chosen && RazorpayNews.HasComeIn(chosen) ? chosen.Id("id") : null)) is not { } payment)
            return new(RefundState.Failed, FailureCode: "not_captured");
        // First of all: asked for again, the key only repeats its first answer, which may say "on its way" for good.
        if ((await api.RefundsOf(payment, ct)).Cast<JsonElement?>().FirstOrDefault(made => made!.Value.Text("receipt") == refund.Key) is { } there)
            return NewsOf(there);

        var answer = await api.Refund(payment, new()
        {
            ["amount"] = refund.Amount.Amount,
            ["speed"] = "normal",
            ["receipt"] = refund.Key,
            ["notes"] = new JsonObject { ["payment_id"] = charge.PaymentId.ToString("D"), ["refund_id"] = refund.RefundId.ToString("D") },
        }, refund.Key, ct);
        return answer switch
        {
            { IsSuccess: true } => NewsOf(answer.Body),
            // Another with this key is on its way there.
            { Status: 409 } => throw new ProviderUnavailableException("razorpay has not done with this refund's first asking."),
            _ => new(RefundState.Failed, FailureCode: RazorpayApi.RefusalOf(answer)),
        };
    }

    public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) =>
        RazorpayWebhook.Read(call, simulation.IsOn(Name) ? [simulation.KeyOf(Name)] : SignatureCheck.Secrets(settings.Value.WebhookSecrets));

    public async Task<Guid?> PaymentOf(string subject, CancellationToken ct)
    {
        if (!RazorpayJson.IsId(subject))
            return null;
        var order = subject.StartsWith("order_", StringComparison.Ordinal) ? subject : (await api.Payment(subject, ct))?.Id("order_id");
        return order is not null && await api.Order(order, ct) is { } found ? RazorpayNews.PaymentOf(found) : null;
    }

    /// <summary>
    /// Orders, each with what its payments say: those are what a charge is here, and our payment's id stands on them in our own hand. Razorpay's list of payments would have several
    /// for one charge, with notes that their payers' pages wrote. Disputes are not in it.
    /// </summary>
    public async Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct)
    {
        // The newest come first: what is made meanwhile pushes the rest back, so that a page may repeat some but leaves none out.
        var skip = cursor is null ? 0 : long.Parse(cursor, NumberStyles.None, CultureInfo.InvariantCulture);
        var orders = await api.OrdersMade(from, until, skip, ct);
        List<ChargeNews> charges = [];
        foreach (var order in orders)
            if (order.Id("id") is { } id && order.Time("created_at") is { } at && at >= from && at < until)
                charges.Add(RazorpayNews.Of(id, order.At("payments") is { } payments ? RazorpayNews.Chosen(payments.Items(), known: null) : null) with { PaymentId = RazorpayNews.PaymentOf(order), CreatedAt = at });
        return new(charges, orders.Count < RazorpayApi.PageSize ? null : (skip + orders.Count).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The order that was made for a payment, the same one for everybody: one that was tried before one that was not, then the first.</summary>
    private async Task<string?> There(PaymentOrder order, string key, CancellationToken ct) => (await api.OrdersOf(key, ct))
        .Where(made => made.Money("amount") == order.Amount)
        .OrderBy(made => made.Text("status") == "created").ThenBy(made => made.Number("created_at")).ThenBy(made => made.Id("id"), StringComparer.Ordinal)
        .Select(made => made.Id("id")).FirstOrDefault();

    /// <summary>The payment that speaks for an order; null where none was tried.</summary>
    private async Task<JsonElement?> Chosen(Charge charge, CancellationToken ct)
    {
        if (!RazorpayJson.IsId(charge.Reference))
            throw new ProviderUnavailableException("razorpay has no order of such a name.");
        var payments = await api.PaymentsOf(charge.Reference, ct);
        // The list is not said to be whole.
        if (charge.ChargeReference is { } known && !payments.Any(payment => payment.Id("id") == known) && await api.Payment(known, ct) is { } missing)
            payments = [.. payments, missing];
        return RazorpayNews.Chosen(payments, charge.ChargeReference);
    }

    private static RefundNews NewsOf(JsonElement refund) => new(
        refund.Text("status") switch { "processed" => RefundState.Succeeded, "failed" => RefundState.Failed, _ => RefundState.Pending },
        refund.Id("id"), refund.Text("status") == "failed" ? refund.ErrorCode("error_reason", "error_code") ?? "refund_failed" : null);
}
