using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Payments;

/// <summary>Settings of payments. Section <c>Payments</c>.</summary>
public sealed record PaymentSettings
{
    /// <summary>Whether the sandbox takes payments and its routes exist. Whoever may pay an order may then settle it without money: never where real orders are taken.</summary>
    public bool SandboxEnabled { get; init; }

    /// <summary>Where a payer of a sandbox payment is sent, such as a page of a shop's own; the payment's id is added as the last part of the path. Without it there is no <c>checkoutUrl</c>.</summary>
    [Url, StringLength(500)]
    public string? SandboxCheckoutUrl { get; init; }

    /// <summary>
    /// Whether providers that have no keys are simulated inside this process, and the simulator's routes exist. Whoever may pay an order may then settle it without money:
    /// never where real orders are taken.
    /// </summary>
    public bool SimulatorEnabled { get; init; }

    /// <summary>Whether payments by hand are taken: cash and card machine, when something is handed over.</summary>
    public bool ManualEnabled { get; init; } = true;

    /// <summary>How often in a minute one caller may have a provider asked how a payment stands. 0 is without limit.</summary>
    [Range(0, 100_000)]
    public int RefreshesPerMinute { get; init; } = 60;

    /// <summary>Where providers reach this installation, such as <c>https://api.example.com</c>: their events go to <c>/api/v1/webhooks/...</c> there. Providers that must be told it with each payment are told nothing without it.</summary>
    [Url, StringLength(500)]
    public string? PublicUrl { get; init; }
}

/// <summary>What every provider is configured with.</summary>
public abstract record ProviderSettings
{
    /// <summary>What the provider signs its events with. Several, separated by spaces, may be live while one is replaced.</summary>
    public string WebhookSecrets { get; init; } = "";

    /// <summary>Seconds that an answer of the provider is waited for.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 8;

    /// <summary>Which settings there are, and nothing of their values: a record's own text has them all.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>Settings of Stripe. Section <c>Stripe</c>. Without a secret key it takes no payments.</summary>
public sealed record StripeSettings : ProviderSettings
{
    /// <summary>The account's secret key.</summary>
    public string SecretKey { get; init; } = "";

    /// <summary>The account's publishable key, which payers' pages are given.</summary>
    [StringLength(300)]
    public string PublishableKey { get; init; } = "";

    /// <summary>Where its API is.</summary>
    [Required, Url, StringLength(500)]
    public string BaseUrl { get; init; } = "https://api.stripe.com";
}

/// <summary>Settings of Mercado Pago. Section <c>MercadoPago</c>. Without an access token it takes no payments.</summary>
public sealed record MercadoPagoSettings : ProviderSettings
{
    /// <summary>The application's access token.</summary>
    public string AccessToken { get; init; } = "";

    /// <summary>The application's public key, which payers' pages are given.</summary>
    [StringLength(300)]
    public string PublicKey { get; init; } = "";

    /// <summary>Where its API is.</summary>
    [Required, Url, StringLength(500)]
    public string BaseUrl { get; init; } = "https://api.mercadopago.com";

    /// <summary>The account's currency, which is its country's: Mercado Pago takes each amount as one of it, so an order in another is refused.</summary>
    [Required, Currency]
    public string Currency { get; init; } = "BRL";

    /// <summary>What payers read at Mercado Pago that they pay for.</summary>
    [Required, StringLength(60)]
    public string Title { get; init; } = "Pedido";
}

/// <summary>Settings of Razorpay. Section <c>Razorpay</c>. Without a key it takes no payments.</summary>
public sealed record RazorpaySettings : ProviderSettings
{
    /// <summary>The account's key id, which payers' pages are given, too.</summary>
    [StringLength(300)]
    public string KeyId { get; init; } = "";

    /// <summary>The secret of that key.</summary>
    public string KeySecret { get; init; } = "";

    /// <summary>Where its API is.</summary>
    [Required, Url, StringLength(500)]
    public string BaseUrl { get; init; } = "https://api.razorpay.com";
}
