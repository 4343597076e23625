using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.MercadoPago;

/// <summary>The provider, as the module takes it in.</summary>
internal static class MercadoPagoSetup
{
    public const string ProviderName = "mercadopago";

    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddMercadoPago(this IServiceCollection services)
    {
        ProviderLine.Add(services, ProviderName);
        return services.AddSettings<MercadoPagoSettings>("MercadoPago")
            .AddSingleton<MercadoPagoLine>()
            .AddSingleton<IPaymentProvider, MercadoPagoProvider>()
            .AddSingleton<ISimulatedProvider, SimulatedMercadoPago>();
    }
}
