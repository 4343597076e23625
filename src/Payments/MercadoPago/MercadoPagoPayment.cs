using System.Text.Json;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.MercadoPago;

/// <summary>A payment as Mercado Pago tells it: one attempt to pay, of which a preference may have several.</summary>
/// <param name="Id">Digits.</param>
/// <param name="Status">In Mercado Pago's word.</param>
/// <param name="Detail">Why it stands there.</param>
/// <param name="Amount">What it takes.</param>
internal sealed record MercadoPagoPayment(string Id, string Status, string? Detail, Money Amount)
{
    /// <summary>Ours: what it was told as <c>external_reference</c>.</summary>
    public Guid? PaymentId { get; private init; }

    public DateTimeOffset? CreatedAt { get; private init; }

    /// <summary>When it may not be paid any more.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>The text of the Pix code.</summary>
    public string? PixCode { get; private init; }

    /// <summary>How much has gone back, minor units.</summary>
    public long? Refunded { get; private init; }

    private Money? Fee { get; init; }

    public ChargeState State => Status switch
    {
        "approved" or "in_mediation" or "refunded" or "charged_back" => ChargeState.Succeeded,
        "authorized" => ChargeState.Authorized,
        "rejected" => ChargeState.Failed,
        "cancelled" or "canceled" => ChargeState.Cancelled,
        _ => ChargeState.Open,
    };

    /// <summary>How much it tells of what became of the preference: money before a wish for it, and that before a refusal.</summary>
    private int Weight => State switch
    {
        ChargeState.Succeeded => 5,
        ChargeState.Authorized => 4,
        ChargeState.Open => 3,
        ChargeState.Failed => 2,
        _ => 1,
    };

    /// <summary>Reads one.</summary>
    /// <exception cref="ProviderUnavailableException">It is none.</exception>
    public static MercadoPagoPayment Read(JsonElement body)
    {
        var currency = body.Member("currency_id").Text();
        if (body.Member("id").Text() is not { } id || !MercadoPagoJson.IsDigits(id) || body.Member("status").Text() is not { } status
            || MercadoPagoJson.Money(body.Member("transaction_amount").Number(), currency) is not { } amount)
            throw new ProviderUnavailableException($"{MercadoPagoSetup.ProviderName} told of a payment that cannot be read.");
        var refunded = MercadoPagoJson.Money(body.Member("transaction_amount_refunded").Number(), currency)?.Amount;
        return new(id, status, body.Member("status_detail").Text(), amount)
        {
            PaymentId = Guid.TryParseExact(body.Member("external_reference").Text(), "D", out var ours) ? ours : null,
            CreatedAt = body.Member("date_created").Instant(),
            ExpiresAt = body.Member("date_of_expiration").Instant(),
            PixCode = body.Member("point_of_interaction").Member("transaction_data").Member("qr_code").Text() is { Length: > 0 and <= 2000 } code ? code : null,
            Refunded = refunded,
            Fee = FeeOf(body, amount, refunded ?? 0),
        };
    }

    /// <summary>The one that tells most: of several that came in the first, of several that did not the last.</summary>
    public static MercadoPagoPayment? Telling(IEnumerable<MercadoPagoPayment> payments) => payments
        .OrderByDescending(payment => payment.Weight)
        .ThenBy(payment => (payment.State is ChargeState.Succeeded ? 1 : -1) * (payment.CreatedAt ?? DateTimeOffset.UnixEpoch).UtcTicks)
        .ThenBy(payment => payment.Id.Length).ThenBy(payment => payment.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>What it says of a charge that we know by a name.</summary>
    /// <param name="reference">That name: the payment's own, or its preference's.</param>
    /// <param name="isDisputed">Whether a dispute is open here.</param>
    /// <param name="disputed">How much is held or was taken by one, as known here, minor units.</param>
    public ChargeNews News(string reference, bool isDisputed = false, long? disputed = null)
    {
        var dispute = DisputeOf(isDisputed, disputed);
        return new(reference, State, State is ChargeState.Failed ? MercadoPagoRefusals.OfPayment(Detail) : null)
        {
            ChargeReference = Id == reference ? null : Id,
            Amount = Amount,
            Fee = State is ChargeState.Succeeded ? Fee : null,
            // Until a dispute is over nobody can tell which of it went back by a refund.
            RefundedAmount = dispute?.State is DisputeState.Open or DisputeState.Lost ? null : Refunded,
            Dispute = dispute,
            PaymentId = PaymentId,
            CreatedAt = CreatedAt,
        };
    }

    /// <summary>A mediation that is over leaves no trace but where the money is.</summary>
    private DisputeNews? DisputeOf(bool isDisputed, long? disputed)
    {
        DisputeState? state = (Status, Detail) switch
        {
            ("in_mediation", _) => DisputeState.Open,
            ("charged_back", "settled") => DisputeState.Lost,
            ("charged_back", "reimbursed") => DisputeState.Won,
            ("charged_back", _) => DisputeState.Open,
            ("approved", _) when isDisputed => DisputeState.Won,
            ("refunded", _) when isDisputed => DisputeState.Lost,
            _ => null,
        };
        // What a bank takes may be told as refunded, so that what is left says nothing once there is a dispute.
        var left = disputed ?? Amount.Amount - (Refunded ?? 0);
        return state is { } known ? new(known, left > 0 ? Amount with { Amount = left } : Amount) : null;
    }

    /// <summary>What the seller pays of the fees, or else what did not arrive; null while neither is said.</summary>
    private static Money? FeeOf(JsonElement body, Money amount, long refunded)
    {
        var ours = body.Member("fee_details").Elements().Where(fee => fee.Member("fee_payer").Text() == "collector").Select(fee => fee.Member("amount").Number() ?? 0).ToList();
        if (ours.Count > 0)
            return MercadoPagoJson.Money(ours.Sum(), amount.Currency);
        var net = MercadoPagoJson.Money(body.Member("transaction_details").Member("net_received_amount").Number(), amount.Currency);
        return refunded == 0 && net is { Amount: > 0 } && net.Amount <= amount.Amount ? amount with { Amount = amount.Amount - net.Amount } : null;
    }
}
