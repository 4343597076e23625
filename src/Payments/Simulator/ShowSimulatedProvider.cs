using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Shows how a simulated provider behaves. Only where the simulator is on.</summary>
internal static class ShowSimulatedProvider
{
    public static async Task<Results<Ok<SimulatedFaults>, NotFound>> Handle(string provider, Db db, Simulation simulation, CancellationToken ct) =>
        simulation.IsOn(provider) ? TypedResults.Ok((await SimulatedFaults.Of(db, [provider], ct))[0]) : TypedResults.NotFound();
}
