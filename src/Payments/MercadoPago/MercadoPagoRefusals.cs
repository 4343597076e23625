namespace Quitanda.Payments.MercadoPago;

/// <summary>Mercado Pago's reasons in our words. One that is not known stays as it is, where it could be one of ours.</summary>
internal static class MercadoPagoRefusals
{
    /// <summary>Why a payment was refused, of its <c>status_detail</c>.</summary>
    public static string OfPayment(string? detail) => detail switch
    {
        "cc_rejected_bad_filled_card_number" => "invalid_card_number",
        "cc_rejected_bad_filled_date" => "invalid_expiry_date",
        "cc_rejected_bad_filled_security_code" => "invalid_security_code",
        "cc_rejected_bad_filled_other" => "invalid_card_data",
        "cc_rejected_insufficient_amount" or "insufficient_amount" => "insufficient_funds",
        "cc_rejected_call_for_authorize" => "authorization_required",
        "cc_rejected_3ds_mandatory" or "cc_rejected_3ds_challenge" => "authentication_required",
        "cc_rejected_card_disabled" => "card_not_active",
        "cc_rejected_card_type_not_allowed" => "card_not_supported",
        "cc_rejected_duplicated_payment" => "duplicate_payment",
        "cc_rejected_high_risk" or "cc_rejected_blacklist" or "rejected_high_risk" => "suspected_fraud",
        "cc_rejected_invalid_installments" => "invalid_installments",
        "cc_rejected_max_attempts" => "too_many_attempts",
        "cc_rejected_card_error" or "cc_rejected_other_reason" => "card_declined",
        "bank_error" or "rejected_by_bank" => "bank_declined",
        { Length: > 0 and <= 50 } when detail.All(letter => letter is '_' || char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter)) => detail,
        _ => "declined",
    };

    /// <summary>Why a question was refused, of the number of its cause.</summary>
    public static string OfQuestion(int? code) => code switch
    {
        2006 or 2062 or 3003 or 3006 or 3008 => "invalid_card_token",
        3011 or 3014 or 3026 or 3028 => "card_not_supported",
        2060 => "payer_is_seller",
        2067 => "invalid_identification",
        2024 or 15016 => "too_old",
        2063 or 4293 => "not_refundable",
        3024 or 4295 => "partial_refund_not_supported",
        2000 => "unknown_payment",
        _ => "invalid_request",
    };
}
