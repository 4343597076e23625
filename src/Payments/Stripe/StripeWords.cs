using System.Text.Json;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Stripe;

/// <summary>What Stripe's objects mean here: payment intents, refunds and disputes.</summary>
internal static class StripeWords
{
    /// <summary>A payment intent that was opened, and what its payer needs.</summary>
    public static OpenedCharge Opened(JsonElement intent, PaymentMethod? method)
    {
        var news = News(intent);
        var pix = intent.Object("next_action")?.Object("pix_display_qr_code");
        return new(news.Reference)
        {
            // With it a page could begin another Pix, that lives longer than the order waits.
            ClientSecret = method is PaymentMethod.Pix ? null : intent.Text("client_secret", 500),
            PixCode = pix?.Text("data", 2000),
            CheckoutUrl = pix?.Text("hosted_instructions_url", 2000) is { } page && page.StartsWith("https://", StringComparison.Ordinal) ? page : null,
            ExpiresAt = pix?.Time("expires_at"),
            News = news.State is ChargeState.Open ? null : news,
        };
    }

    /// <summary>How a payment intent stands, without its disputes. Its fee and what went back of it are known where its charge was expanded.</summary>
    /// <exception cref="ProviderUnavailableException">It is none.</exception>
    public static ChargeNews News(JsonElement intent)
    {
        if (intent.Text("id", 255) is not { } id || intent.Text("object", 50) != "payment_intent" || intent.Text("status", 50) is not { } status)
            throw new ProviderUnavailableException("stripe answered with something that is no payment intent.");
        var error = intent.Object("last_payment_error");
        var state = status switch
        {
            "succeeded" => ChargeState.Succeeded,
            "canceled" => ChargeState.Cancelled,
            "requires_capture" => ChargeState.Authorized,
            "requires_payment_method" when error is not null => ChargeState.Failed,
            // What is processing comes or fails within days; words that are not known yet wait, too.
            _ => ChargeState.Open,
        };
        var currency = intent.Text("currency", 3);
        var charge = intent.Object("latest_charge");
        var transaction = charge?.Object("balance_transaction");
        return new(id, state, state is ChargeState.Failed ? error!.Value.Code() : null)
        {
            ChargeReference = state is ChargeState.Succeeded ? intent.Id("latest_charge") : null,
            Amount = StripeMoney.Read(intent.Number(state is ChargeState.Succeeded ? "amount_received" : "amount"), currency),
            // In the currency that the account is paid in, which may be another one.
            Fee = StripeMoney.Read(transaction?.Number("fee"), transaction?.Text("currency", 3)),
            RefundedAmount = StripeMoney.Read(charge?.Number("amount_refunded"), currency)?.Amount,
            PaymentId = intent.PaymentId(),
            CreatedAt = intent.Time("created"),
        };
    }

    /// <summary>How a refund stands.</summary>
    public static RefundNews Refund(JsonElement refund)
    {
        var id = refund.Text("id", 255) ?? throw new ProviderUnavailableException("stripe answered with something that is no refund.");
        return refund.Text("status", 50) switch
        {
            "succeeded" => new(RefundState.Succeeded, id),
            "failed" or "canceled" => new(RefundState.Failed, id, Reason(refund)),
            // Also where the payer must first say to which account.
            _ => new(RefundState.Pending, id),
        };
    }

    /// <summary>What a payment's disputes come to. An inquiry (<c>warning_...</c>) takes no money, nor does one that was prevented.</summary>
    /// <param name="disputes">All of them.</param>
    /// <param name="paid">What came in: more than that cannot go.</param>
    public static DisputeNews? Dispute(IEnumerable<JsonElement> disputes, Money paid) =>
        DisputeNews.Of(disputes.OrderByDescending(dispute => dispute.Number("created")).Select(dispute => Dispute(dispute, paid)).OfType<DisputeNews>(), paid);

    private static DisputeNews? Dispute(JsonElement dispute, Money paid)
    {
        DisputeState? state = dispute.Text("status", 50) switch
        {
            "needs_response" or "under_review" or "appeal_needs_response" or "appeal_under_review" => DisputeState.Open,
            "won" => DisputeState.Won,
            "lost" => DisputeState.Lost,
            _ => null,
        };
        // Rates move between a payment and its dispute, so the amount can differ a little, and its currency.
        var amount = StripeMoney.Read(dispute.Number("amount"), dispute.Text("currency", 3));
        return state is { } known ? new(known, amount is { Amount: > 0 } && amount.Currency == paid.Currency ? amount : paid) : null;
    }

    private static string Reason(JsonElement refund) =>
        refund.Text("failure_reason", 50) is { } reason && reason.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? reason : "refund_failed";
}
