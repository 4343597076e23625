using System.Text.Json;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Stripe;

/// <summary>
/// Stripe, by payment intents: the payer's page pays one with Stripe's Payment Element and its client secret, or by the Pix code that comes with it. What one means is said by
/// <see cref="StripeWords"/>.
/// </summary>
internal sealed class StripeProvider(StripeLine stripe, IOptions<StripeSettings> settings) : IPaymentProvider
{
    /// <summary>The metadata in which Stripe keeps our payment's id.</summary>
    public const string PaymentIdKey = "payment_id";

    /// <summary>The metadata in which Stripe keeps our refund's id.</summary>
    public const string RefundIdKey = "refund_id";

    /// <summary>The metadata in which Stripe keeps under which key a refund was asked for.</summary>
    public const string RefundKeyKey = "refund_key";

    /// <summary>Objects of a page: the most that Stripe gives.</summary>
    private const int PageSize = 100;

    /// <summary>More refunds than a payment ever has.</summary>
    private const int RefundPages = 10;

    /// <summary>The charge has the money, and its balance transaction what Stripe keeps of it.</summary>
    private const string Expanded = "latest_charge.balance_transaction";

    public string Name => StripeSetup.ProviderName;

    public string? WhyOff => settings.Value.SecretKey.Length > 0 || stripe.IsSimulated ? null : "Stripe:SecretKey is not set.";

    public IReadOnlyList<PaymentMethod> Methods { get; } = [PaymentMethod.Card, PaymentMethod.Pix];

    public string? PublicKey => stripe.IsSimulated ? "simulated" : settings.Value.PublishableKey is { Length: > 0 } key ? key : null;

    public void Check(PaymentOrder order)
    {
        if (order.Method is PaymentMethod.Pix && order.Amount.Currency != "BRL")
            throw new InvalidException("method", "Pix pays in BRL alone.");
        if (order.Installments > 1)
            throw new InvalidException("installments", "At Stripe a card pays in one part.");
        if (order.Input.CardToken is not null)
            throw new InvalidException("cardToken", "is not for Stripe: its element pays with the client secret.");
        if (StripeMoney.Of(order.Amount) is null)
            throw new InvalidException("provider", $"Stripe takes {StripeMoney.Steps(order.Amount.Currency)}.");
    }

    public async Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct)
    {
        if (StripeMoney.Of(order.Amount) is not { } amount)
            return OpenedCharge.Refused("amount_not_supported");
        List<(string, string)> form =
        [
            ("amount", StripeLine.Number(amount)),
            ("currency", order.Amount.Currency.ToLowerInvariant()),
            ($"metadata[{PaymentIdKey}]", order.PaymentId.ToString()),
            .. Paying(order),
        ];
        // A key that Stripe forgot makes a second intent; nobody ever learnt the first one's secret or code, so nobody can pay it.
        var answer = await stripe.Post("payment_intents", form, key, ct);
        if (answer.IsSuccess)
            return StripeWords.Opened(answer.Body, order.Method);
        // Confirmed and refused at once: then there is an intent, and it failed.
        return answer.Error().Object("payment_intent") is { } intent && StripeWords.Opened(intent, order.Method) is { News: not null } opened ? opened : OpenedCharge.Refused(answer.Error().Code());
    }

    public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct)
    {
        var answer = await stripe.Get($"payment_intents/{Uri.EscapeDataString(charge.Reference)}?expand[]={Expanded}", ct);
        return answer.IsSuccess ? await News(answer.Body, ct) : throw new ProviderUnavailableException($"stripe answered {answer.Status}: Stripe:SecretKey is of another account, or of the other mode, than the payment.");
    }

    public async Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct)
    {
        var answer = await stripe.Post($"payment_intents/{Uri.EscapeDataString(charge.Reference)}/capture", [("expand[]", Expanded)], key, ct);
        // It was taken before, or is no longer held: it says which.
        return answer.IsSuccess ? await News(answer.Body, ct) : await Fetch(charge, ct);
    }

    public async Task<ChargeNews> Cancel(Charge charge, CancellationToken ct)
    {
        // A key of this call's own: under an old one Stripe would repeat a refusal that is true no more.
        var answer = await stripe.Post($"payment_intents/{Uri.EscapeDataString(charge.Reference)}/cancel", [("cancellation_reason", "abandoned")], $"cancel-{Guid.CreateVersion7():N}", ct);
        // It was paid just before, or cancelled before: it says which.
        return answer.IsSuccess ? await News(answer.Body, ct) : await Fetch(charge, ct);
    }

    /// <summary>
    /// Under its key Stripe repeats its first answer, and forgets the key after a day: so the refund is looked for first, and made only where there is none. Two that look at once
    /// and find none have the same key.
    /// </summary>
    public async Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct)
    {
        if (await Find(charge, refund.Key, ct) is { } known)
            return StripeWords.Refund(known);
        if (StripeMoney.Of(refund.Amount) is not { } amount)
            return new(RefundState.Failed, FailureCode: "amount_not_supported");

        var answer = await stripe.Post("refunds",
        [
            ("payment_intent", charge.Reference),
            ("amount", StripeLine.Number(amount)),
            ($"metadata[{PaymentIdKey}]", charge.PaymentId.ToString()),
            ($"metadata[{RefundIdKey}]", refund.RefundId.ToString()),
            ($"metadata[{RefundKeyKey}]", refund.Key),
        ], refund.Key, ct);
        if (answer.IsSuccess)
            return StripeWords.Refund(answer.Body);
        // The key was used with another question, so that a refund may be there which the list does not show yet.
        if (answer.Error().Text("type", 50) == "idempotency_error")
            throw new ProviderUnavailableException("stripe knows the refund's key with another question.");
        return new(RefundState.Failed, FailureCode: answer.Error().Code());
    }

    public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) => StripeSignature.IsGood(call, stripe.WebhookSecrets, now) ? StripeEvent.Read(call.Body) : null;

    public async Task<Guid?> PaymentOf(string subject, CancellationToken ct)
    {
        var answer = await stripe.Get($"payment_intents/{Uri.EscapeDataString(subject)}", ct);
        return answer.IsSuccess ? answer.Body.PaymentId() : null;
    }

    /// <summary>The newest first, as Stripe lists them. Disputes are not in it.</summary>
    public async Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct)
    {
        var after = cursor is null ? "" : $"&starting_after={Uri.EscapeDataString(cursor)}";
        var answer = await stripe.Get(
            $"payment_intents?created[gte]={StripeLine.Number(from.ToUnixTimeSeconds())}&created[lt]={StripeLine.Number(until.ToUnixTimeSeconds())}&limit={PageSize}&expand[]=data.{Expanded}{after}", ct);
        if (!answer.IsSuccess)
            throw new ProviderUnavailableException($"stripe answered {answer.Status} to a list: {answer.Error().Code()}.");
        List<ChargeNews> charges = [.. answer.Body.List("data").Select(StripeWords.News)];
        return new(charges, answer.Body.IsTrue("has_more") && charges is [.., var last] ? last.Reference : null);
    }

    /// <summary>How the payer pays: at the Payment Element by card, there by whatever the account offers, or by a Pix code, which comes of confirming at once.</summary>
    private static IEnumerable<(string, string)> Paying(PaymentOrder order) => order.Method switch
    {
        PaymentMethod.Card => [("payment_method_types[]", "card")],
        PaymentMethod.Pix =>
        [
            ("payment_method_types[]", "pix"),
            ("payment_method_data[type]", "pix"),
            ("confirm", "true"),
            // The order is not kept for longer. Stripe refuses a time that is less than a minute away.
            .. order.ExpiresAt is { } at ? ((string, string)[])[("payment_method_options[pix][expires_at]", StripeLine.Number(at.ToUnixTimeSeconds()))] : [],
        ],
        null => [("automatic_payment_methods[enabled]", "true")],
        _ => throw new InvalidOperationException($"Stripe takes no {order.Method}."),
    };

    /// <summary>How an intent stands, with its disputes where its charge has any.</summary>
    private async Task<ChargeNews> News(JsonElement intent, CancellationToken ct)
    {
        var news = StripeWords.News(intent);
        if (news is not { State: ChargeState.Succeeded, Amount: { } paid } || intent.Object("latest_charge") is not { } charge || !charge.IsTrue("disputed"))
            return news;
        var answer = await stripe.Get($"disputes?payment_intent={Uri.EscapeDataString(news.Reference)}&limit={PageSize}", ct);
        if (!answer.IsSuccess)
            throw new ProviderUnavailableException($"stripe answered {answer.Status} to a list: {answer.Error().Code()}.");
        return news with { Dispute = StripeWords.Dispute(answer.Body.List("data"), paid) };
    }

    /// <summary>The refund that was asked for under a key; null where there is none.</summary>
    private async Task<JsonElement?> Find(Charge charge, string key, CancellationToken ct)
    {
        var after = "";
        for (var page = 0; page < RefundPages; page++)
        {
            var answer = await stripe.Get($"refunds?payment_intent={Uri.EscapeDataString(charge.Reference)}&limit={PageSize}{after}", ct);
            if (!answer.IsSuccess)
                throw new ProviderUnavailableException($"stripe answered {answer.Status} to a list: {answer.Error().Code()}.");
            var refunds = answer.Body.List("data");
            foreach (var refund in refunds)
                if (refund.Object("metadata")?.Text(RefundKeyKey, 255) == key)
                    return refund;
            if (!answer.Body.IsTrue("has_more") || refunds is not [.., var last] || last.Text("id", 255) is not { } id)
                return null;
            after = $"&starting_after={Uri.EscapeDataString(id)}";
        }

        throw new ProviderUnavailableException("stripe lists more refunds of a payment than are read.");
    }
}
