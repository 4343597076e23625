using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Says that an order has left for its customer's address, with whom, and how it can be traced. Not for orders that are picked up.</summary>
[Refuses("invalid_transition")]
internal static class DispatchOrder
{
    internal sealed record Request(
        [StringLength(100, MinimumLength = 1)] string? Carrier = null,
        [StringLength(100, MinimumLength = 1)] string? TrackingCode = null,
        [StringLength(500)] string? Reason = null);

    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, Request? request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return TypedResults.NotFound();

        order.Dispatch(By.Staff(caller), request?.Carrier, request?.TrackingCode, request?.Reason, clock.GetUtcNow());
        db.Publish(order.Changed);
        return TypedResults.Ok(OrderDetails.Of(order, forStaff: true));
    }
}
