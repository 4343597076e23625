using System.Text.Json;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Razorpay;

/// <summary>
/// How an order of Razorpay's stands, by the payments that were tried for it: of those one is the money. An order itself only says that it was paid, and says so for good.
/// </summary>
internal static class RazorpayNews
{
    private enum Standing
    {
        /// <summary>It failed, or was let go before it was taken.</summary>
        Over,

        /// <summary>Its payer is at it.</summary>
        Begun,
        Held,
        CameIn,
    }

    /// <summary>The payment that an order's word is: what came in before what is held, and that before what may still become money. Null where none was tried.</summary>
    /// <param name="payments">All that were tried, in any order.</param>
    /// <param name="known">The one that we had taken for the money before: it stays that.</param>
    public static JsonElement? Chosen(IReadOnlyList<JsonElement> payments, string? known) => payments.Count == 0
        ? null
        : payments.OrderByDescending(Stand)
            .ThenByDescending(payment => known is not null && payment.Id("id") == known)
            // The first that came in stays the one, whatever comes after it; of what failed, the last says why.
            .ThenBy(payment => Stand(payment) is Standing.Over ? -(payment.Number("created_at") ?? 0) : payment.Number("created_at") ?? 0)
            .ThenBy(payment => payment.Id("id"), StringComparer.Ordinal)
            .First();

    /// <summary>What the chosen payment says of its order.</summary>
    /// <exception cref="ProviderUnavailableException">It came in, and how much is not said.</exception>
    public static ChargeNews Of(string order, JsonElement? chosen)
    {
        if (chosen is not { } payment)
            return new(order, ChargeState.Open);
        return Stand(payment) switch
        {
            Standing.CameIn => new(order, ChargeState.Succeeded)
            {
                ChargeReference = payment.Id("id") ?? throw new ProviderUnavailableException("razorpay answered a payment without an id."),
                Amount = payment.Money("amount") ?? throw new ProviderUnavailableException("razorpay answered a payment without an amount."),
                // With its tax. Of money in another currency than the account's it is said in the account's.
                Fee = payment.Money("fee", payment.Text("base_currency") is null ? "currency" : "base_currency"),
                RefundedAmount = payment.Number("amount_refunded"),
            },
            Standing.Held => new(order, ChargeState.Authorized) { ChargeReference = payment.Id("id"), Amount = payment.Money("amount") },
            Standing.Over => new(order, ChargeState.Failed, FailureOf(payment)),
            _ => new(order, ChargeState.Open),
        };
    }

    public static bool HasComeIn(JsonElement payment) => Stand(payment) is Standing.CameIn;

    public static bool IsHeld(JsonElement payment) => Stand(payment) is Standing.Held;

    /// <summary>Our payment's id, as we had it written on an order. What stands on a payment is not asked: its payer's page writes that, and could name somebody else's.</summary>
    public static Guid? PaymentOf(JsonElement order) => order.At("notes") is { } notes && Guid.TryParseExact(notes.Text("payment_id"), "D", out var id) ? id : null;

    /// <summary>
    /// What a payment's disputes come to; each phase of one is another. Null where no money is asked back: a bank's question (<c>retrieval</c>) or suspicion (<c>fraud</c>) is none, and
    /// is best answered by a refund, which a dispute would forbid.
    /// </summary>
    /// <param name="disputes">All of them.</param>
    /// <param name="paid">What came in: more than that cannot go.</param>
    public static DisputeNews? DisputeOf(IEnumerable<JsonElement> disputes, Money paid) =>
        DisputeNews.Of(disputes.OrderByDescending(dispute => dispute.Number("created_at")).Select(Dispute).OfType<DisputeNews>().Where(dispute => dispute.Amount.Currency == paid.Currency), paid);

    private static DisputeNews? Dispute(JsonElement dispute)
    {
        var wasTaken = dispute.Number("amount_deducted") > 0;
        if (dispute.Money("amount") is not { Amount: > 0 } amount || (dispute.Text("phase") is "fraud" or "retrieval" && !wasTaken))
            return null;
        return dispute.Text("status") switch
        {
            "won" => new(DisputeState.Won, amount),
            "lost" => new(DisputeState.Lost, amount),
            // Ended without a decision, such as by a refund; whether money was taken is all that is left to ask.
            "closed" => new(wasTaken ? DisputeState.Lost : DisputeState.Won, amount),
            _ => new(DisputeState.Open, amount),
        };
    }

    private static Standing Stand(JsonElement payment) => payment.Text("status") switch
    {
        "captured" => Standing.CameIn,
        // What was authorised and never taken is called refunded, too, when Razorpay lets go of it.
        "refunded" => payment.At("captured") is { ValueKind: JsonValueKind.False } ? Standing.Over : Standing.CameIn,
        "authorized" => Standing.Held,
        "failed" => Standing.Over,
        _ => Standing.Begun,
    };

    private static string FailureOf(JsonElement payment) => payment.Text("status") == "refunded" ? "not_captured" : payment.ErrorCode("error_reason", "error_code") ?? "payment_failed";
}
