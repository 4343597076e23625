using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Razorpay;

/// <summary>The provider, as the module takes it in.</summary>
internal static class RazorpaySetup
{
    public const string ProviderName = "razorpay";

    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddRazorpay(this IServiceCollection services)
    {
        ProviderLine.Add(services, ProviderName);
        return services.AddSettings<RazorpaySettings>("Razorpay")
            .AddSingleton<RazorpayApi>().AddSingleton<IPaymentProvider, RazorpayProvider>().AddSingleton<ISimulatedProvider, SimulatedRazorpay>();
    }
}
