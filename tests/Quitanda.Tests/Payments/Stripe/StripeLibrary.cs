namespace Quitanda.Tests.Payments.Stripe;

/// <summary>Stripe's own library, with its types.</summary>
public sealed class StripeLibrary() : ProviderLibrary("stripe", "stripe.js")
{
    /// <summary>The header with which Stripe would send an event, as its library makes it.</summary>
    internal async Task<string> Sign(string payload, string secret, DateTimeOffset at) =>
        (await Ask(new { ask = "sign", payload, secret, timestamp = at.ToUnixTimeSeconds() })).GetProperty("header").GetString()!;
}
