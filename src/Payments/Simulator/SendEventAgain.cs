using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Has a simulated provider send an event again, or one that was lost for the first time. About one's own payment, or any for staff. Only where the simulator is on.</summary>
[Refuses("not_found", 404)]
internal static class SendEventAgain
{
    public static async Task<Accepted> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var found = await db.Read(
            $"""
            select 1 from payments.simulated_events e join payments.payments p on p.provider = e.provider and e.thing in (p.provider_reference, p.charge_reference)
            where e.id = {id} and (p.payer_id = {caller.Id} or {caller.Is(Roles.Staff)})
            """, row => row.GetInt32(0), ct);
        if (found.Count == 0)
            throw new RefusedException("not_found", "There is no such event of a payment of yours.", StatusCodes.Status404NotFound);
        db.Schedule(SendSimulatedEvent.Kind, new SendSimulatedEvent.Message(id), clock.GetUtcNow());
        return TypedResults.Accepted((string?)null);
    }
}
