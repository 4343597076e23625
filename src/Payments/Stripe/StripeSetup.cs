using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Stripe;

/// <summary>The provider, as the module takes it in.</summary>
internal static class StripeSetup
{
    public const string ProviderName = "stripe";

    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddStripe(this IServiceCollection services)
    {
        ProviderLine.Add(services, ProviderName);
        return services.AddSettings<StripeSettings>("Stripe")
            .AddSingleton<StripeLine>().AddSingleton<IPaymentProvider, StripeProvider>()
            .AddSingleton<ISimulatedProvider, SimulatedStripe>();
    }
}
