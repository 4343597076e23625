using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Razorpay;
using Quitanda.Payments.Stripe;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Which providers exist only in this process: those without keys, where the simulator is asked for.</summary>
internal sealed class Simulation(
    IOptions<PaymentSettings> settings, IOptions<StripeSettings> stripe, IOptions<MercadoPagoSettings> mercadoPago, IOptions<RazorpaySettings> razorpay, Secrets secrets)
{
    /// <summary>Whether a provider is simulated. One with keys never is.</summary>
    public bool IsOn(string provider) => settings.Value.SimulatorEnabled && provider switch
    {
        StripeSetup.ProviderName => stripe.Value.SecretKey.Length == 0,
        MercadoPagoSetup.ProviderName => mercadoPago.Value.AccessToken.Length == 0,
        RazorpaySetup.ProviderName => razorpay.Value.KeyId.Length == 0,
        _ => false,
    };

    /// <summary>
    /// What a provider in this process signs its events with: made from a secret of the house, so that every process has the same and nobody else has any.
    /// </summary>
    public string KeyOf(string provider) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secrets.DataProtection[0].Bytes, Encoding.UTF8.GetBytes($"payments.simulated-webhooks:{provider}")));
}
