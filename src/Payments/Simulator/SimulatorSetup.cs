using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>The simulator, as the module takes it in.</summary>
internal static class SimulatorSetup
{
    /// <summary>Adds its services. The simulated providers are added with the real ones.</summary>
    public static IServiceCollection AddSimulator(this IServiceCollection services) => services
        .AddSingleton<Simulation>().AddSingleton<Simulator>()
        .AddJob<SendSimulatedEvent.Message, SendSimulatedEvent>(SendSimulatedEvent.Kind);

    /// <summary>Maps its routes, where it was asked for.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<IOptions<PaymentSettings>>().Value.SimulatorEnabled)
            return;
        var simulator = routes.MapGroup("/simulator").WithTags("Simulator");
        simulator.MapPost("/payments/{id:guid}", SimulateDeed.Handle).ForGuests();
        simulator.MapGet("/payments/{id:guid}/events", ListSimulatedEvents.Handle).ForGuests();
        simulator.MapPost("/events/{id:guid}/send", SendEventAgain.Handle);
        simulator.MapGet("/providers", ListSimulatedProviders.Handle).Needs(Roles.Admin);
        simulator.MapGet("/providers/{provider}", ShowSimulatedProvider.Handle).Needs(Roles.Admin);
        simulator.MapPut("/providers/{provider}", ChangeSimulatedProvider.Handle).Needs(Roles.Admin);
    }
}
