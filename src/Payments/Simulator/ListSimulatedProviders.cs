using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Lists the simulated providers and how each behaves. All on one page. Only where the simulator is on.</summary>
internal static class ListSimulatedProviders
{
    public static async Task<Ok<Page<SimulatedFaults>>> Handle(Db db, IEnumerable<ISimulatedProvider> providers, Simulation simulation, CancellationToken ct)
    {
        var all = await SimulatedFaults.Of(db, [.. providers.Select(provider => provider.Name).Where(simulation.IsOn)], ct);
        return TypedResults.Ok(new Page<SimulatedFaults>(all, new(Page: null, Limit: all.Count, Total: null, TotalPages: null, HasNext: false, Next: null)));
    }
}
