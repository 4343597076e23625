using System.ComponentModel.DataAnnotations;

namespace Quitanda.Payments;

/// <summary>Settings of payments. Section <c>Payments</c>.</summary>
public sealed record PaymentSettings
{
    /// <summary>Whether the sandbox takes payments and its routes exist. Whoever may pay an order may then settle it without money: never where real orders are taken.</summary>
    public bool SandboxEnabled { get; init; }

    /// <summary>Where a payer of a sandbox payment is sent, such as a page of a shop's own; the payment's id is added as the last part of the path. Without it there is no <c>checkoutUrl</c>.</summary>
    [Url, StringLength(500)]
    public string? SandboxCheckoutUrl { get; init; }
}
