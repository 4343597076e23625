using System.Text.Json.Serialization;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>A code to pay by Pix.</summary>
/// <param name="QrCode">The text to copy into a bank's app.</param>
/// <param name="QrSvg">The same as a picture, SVG.</param>
/// <param name="ExpiresAt">Until when it can be paid.</param>
internal sealed record PixToPay([Personal] string QrCode, [Personal] string QrSvg, DateTimeOffset? ExpiresAt);

/// <summary>A payment as its payer and staff see it.</summary>
/// <param name="Id">The payment.</param>
/// <param name="OrderId">The order it pays, where it pays one.</param>
/// <param name="BookingId">The booking it pays, where it pays one.</param>
/// <param name="BookingChangeId">The change of a booking it pays, where it pays one.</param>
/// <param name="BasketId">The basket it pays, where it pays one.</param>
/// <param name="PayerId">Whose payment it is.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Provider">Who takes the money.</param>
/// <param name="Method">How the payer meant to pay; null where the provider asks.</param>
/// <param name="Installments">In how many parts a card pays.</param>
/// <param name="Amount">What it pays.</param>
/// <param name="RefundedAmount">What has gone back.</param>
/// <param name="Fee">What the provider keeps of it, once that is known; for staff.</param>
/// <param name="Tendered">What the payer hands over in cash.</param>
/// <param name="Change">What they get back of that.</param>
/// <param name="ProviderReference">The provider's name for it.</param>
/// <param name="CheckoutUrl">Where the payer goes to pay.</param>
/// <param name="ClientSecret">What the provider's element in the payer's page needs; for its payer alone, while it can be paid.</param>
/// <param name="PublicKey">The publishable key that goes with it.</param>
/// <param name="Pix">The code to pay by Pix, while it can be paid.</param>
/// <param name="FailureCode">Why the last attempt failed.</param>
/// <param name="Dispute">How a dispute of it stands.</param>
/// <param name="Metadata">The client's own notes.</param>
/// <param name="PaidAt">When the money came in.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record PaymentDetails(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? OrderId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? BookingId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? BookingChangeId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? BasketId,
    [Person] Guid PayerId,
    PaymentStatus Status,
    [Impersonal] string Provider,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PaymentMethod? Method,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Installments,
    Money Amount,
    Money RefundedAmount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Money? Fee,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Money? Tendered,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Money? Change,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Impersonal] string? ProviderReference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Personal] string? CheckoutUrl,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Personal] string? ClientSecret,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Impersonal] string? PublicKey,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PixToPay? Pix,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Impersonal] string? FailureCode,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DisputeState? Dispute,
    [Personal] IReadOnlyDictionary<string, string> Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? PaidAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>What a caller is shown of a payment: its payer what they pay with, staff what it costs.</summary>
internal sealed class PaymentView(Providers.Providers providers)
{
    public PaymentDetails Of(Payment payment, Caller caller)
    {
        var currency = payment.Currency;
        var canBePaid = payment.Status is PaymentStatus.Pending or PaymentStatus.Failed;
        var isPayer = payment.PayerId == caller.Id;
        return new(
            payment.Id, Of(PayableKind.Order), Of(PayableKind.Booking), Of(PayableKind.BookingChange), Of(PayableKind.Basket), payment.PayerId, payment.Status, payment.Provider, payment.Method, payment.Installments,
            payment.Money, payment.Refunded,
            payment.FeeAmount is { } fee && caller.Is(Roles.Staff) ? new(fee, payment.FeeCurrency!) : null,
            payment.TenderedAmount is { } tendered ? new(tendered, currency) : null,
            payment.TenderedAmount is { } handed ? new(handed - payment.Amount, currency) : null,
            payment.ProviderReference,
            canBePaid && isPayer ? payment.CheckoutUrl : null,
            canBePaid && isPayer ? payment.ClientSecret : null,
            canBePaid && isPayer ? providers.Find(payment.Provider)?.PublicKey : null,
            canBePaid && isPayer && payment.PixCode is { } code ? new(code, QrSvg.Of(code), payment.ExpiresAt) : null,
            payment.FailureCode, payment.Dispute, payment.Metadata, payment.PaidAt, payment.CreatedAt, payment.UpdatedAt);

        Guid? Of(PayableKind kind) => kind.IdOf(payment.Kind, payment.PayableId);
    }
}
