using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Has a simulated provider misbehave, or behave again with <c>{}</c>. Only where the simulator is on.</summary>
internal static class ChangeSimulatedProvider
{
    /// <param name="LostAnswers">How many of its next answers are lost after it did what was asked.</param>
    /// <param name="FailedCalls">How many of the next calls it does not take at all.</param>
    /// <param name="FailedRefunds">How many of the next refunds it refuses.</param>
    /// <param name="DelayMs">Milliseconds that it waits before it answers.</param>
    /// <param name="Delivery">How its events arrive from now on.</param>
    internal sealed record Request(
        [Range(0, 1000)] int LostAnswers = 0,
        [Range(0, 1000)] int FailedCalls = 0,
        [Range(0, 1000)] int FailedRefunds = 0,
        [Range(0, 30_000)] int DelayMs = 0,
        SimulatedDelivery Delivery = SimulatedDelivery.Once);

    public static async Task<Results<Ok<SimulatedFaults>, NotFound>> Handle(string provider, Request request, Db db, Simulation simulation, TimeProvider clock, CancellationToken ct)
    {
        if (!simulation.IsOn(provider))
            return TypedResults.NotFound();
        await db.Execute(
            $"""
            insert into payments.simulated_faults (provider, lost_answers, failed_calls, failed_refunds, delay_ms, delivery, updated_at)
            values ({provider}, {request.LostAnswers}, {request.FailedCalls}, {request.FailedRefunds}, {request.DelayMs}, {request.Delivery}, {clock.GetUtcNow()})
            on conflict (provider) do update set lost_answers = excluded.lost_answers, failed_calls = excluded.failed_calls, failed_refunds = excluded.failed_refunds,
                delay_ms = excluded.delay_ms, delivery = excluded.delivery, updated_at = excluded.updated_at
            """, ct);
        return TypedResults.Ok(new SimulatedFaults(provider, request.LostAnswers, request.FailedCalls, request.FailedRefunds, request.DelayMs, request.Delivery));
    }
}
