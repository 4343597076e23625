using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>
/// Has something happen to a payment at its simulated provider, such as its payer paying there. The payment moves when the provider's event arrives, or when the provider is
/// asked. One's own payment, or any for staff. Only where the simulator is on.
/// </summary>
[ReadsOnly, Refuses("not_found", 404), Refuses("not_simulated"), Refuses("cannot_happen")]
internal static class SimulateDeed
{
    /// <param name="Do">What happens.</param>
    /// <param name="Code">Why it fails, in the provider's own words.</param>
    /// <param name="Amount">How much is refunded, in minor units; all that is left without it.</param>
    /// <param name="Delivery">How the provider's events about it arrive; as the provider is set without it.</param>
    /// <param name="Seconds">How much later they arrive.</param>
    internal sealed record Request(
        SimulatedDeed Do,
        [StringLength(50, MinimumLength = 1), RegularExpression("^[a-zA-Z0-9_]+$")] string? Code = null,
        [Range(1, Money.Most)] long? Amount = null,
        SimulatedDelivery? Delivery = null,
        [Range(0, 3600)] int Seconds = 0);

    public static async Task<Accepted> Handle(Guid id, Request request, Caller caller, Db db, Simulation simulation, Simulator simulator, CancellationToken ct)
    {
        var payment = await Find(id, caller, db, ct);
        if (!simulation.IsOn(payment.Provider) || payment.ProviderReference is not { } reference)
            throw new RefusedException("not_simulated", $"{payment.Provider} is not simulated here, or does not know the payment yet.");
        if (!await simulator.Happen(payment.Provider, reference, new(request.Do, request.Code, request.Amount), request.Delivery, request.Seconds, ct))
            throw new RefusedException("cannot_happen", "That cannot happen to the payment as it stands at the provider.");
        return TypedResults.Accepted($"/api/v1/payments/{id}");
    }

    /// <summary>The payment, for whoever may have something happen to it.</summary>
    /// <exception cref="RefusedException"><c>not_found</c> (404).</exception>
    public static async Task<Payment> Find(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        return await db.Set<Payment>().AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id && (any || payment.PayerId == caller.Id), ct)
            ?? throw new RefusedException("not_found", "There is no such payment of yours.", StatusCodes.Status404NotFound);
    }
}
