using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>Settles a sandbox payment later, as when a provider's word takes its time. Only where the sandbox is on.</summary>
[Refuses("not_found", 404)]
internal static class DelaySandboxPayment
{
    /// <param name="Seconds">How much later.</param>
    /// <param name="Outcome">How it ends then.</param>
    internal sealed record Request([Range(1, 3600)] int Seconds, SandboxOutcome Outcome);

    public static async Task<Accepted<PaymentDetails>> Handle(Guid id, Request request, Caller caller, Db db, PaymentView view, TimeProvider clock, CancellationToken ct)
    {
        var payment = await SettleCharge.Find(id, caller, db, ct);
        SettleCharge.Schedule(payment, request.Outcome, code: null, db, clock.GetUtcNow().AddSeconds(request.Seconds));
        return TypedResults.Accepted($"/api/v1/payments/{id}", view.Of(payment, caller));
    }
}
