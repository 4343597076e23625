using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>How a simulated provider behaves.</summary>
/// <param name="Provider">Which.</param>
/// <param name="LostAnswers">How many of its next answers are lost after it did what was asked.</param>
/// <param name="FailedCalls">How many of the next calls it does not take at all.</param>
/// <param name="FailedRefunds">How many of the next refunds it refuses.</param>
/// <param name="DelayMs">Milliseconds that it waits before it answers.</param>
/// <param name="Delivery">How its events arrive.</param>
internal sealed record SimulatedFaults(string Provider, int LostAnswers, int FailedCalls, int FailedRefunds, int DelayMs, SimulatedDelivery Delivery)
{
    /// <summary>How each of some behaves; one that nobody told anything behaves well.</summary>
    public static async Task<IReadOnlyList<SimulatedFaults>> Of(Db db, IReadOnlyList<string> providers, CancellationToken ct)
    {
        var set = (await db.Read($"select provider, lost_answers, failed_calls, failed_refunds, delay_ms, delivery from payments.simulated_faults where provider = any({providers.ToArray()})", Read, ct))
            .ToDictionary(faults => faults.Provider, StringComparer.Ordinal);
        return [.. providers.Select(provider => set.GetValueOrDefault(provider) ?? new(provider, 0, 0, 0, 0, SimulatedDelivery.Once))];
    }

    private static SimulatedFaults Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), Wire.Parse<SimulatedDelivery>(row.GetString(5)));
}
