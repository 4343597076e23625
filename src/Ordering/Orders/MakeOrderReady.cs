using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Says that an order is ready to be picked up or sent out.</summary>
[Refuses("invalid_transition")]
internal static class MakeOrderReady
{
    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, StepRequest? request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return TypedResults.NotFound();

        order.MakeReady(By.Staff(caller), request?.Reason, clock.GetUtcNow());
        db.Publish(order.Changed);
        return TypedResults.Ok(OrderDetails.Of(order, forStaff: true));
    }
}
