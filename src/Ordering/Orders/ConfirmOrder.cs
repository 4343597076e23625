using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Letters;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Takes a manual order on. An online order is confirmed by its payment.</summary>
[Refuses("invalid_transition"), Refuses("payment_required")]
internal static class ConfirmOrder
{
    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, StepRequest? request, Caller caller, Db db, FollowLinks links, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return TypedResults.NotFound();

        order.Confirm(By.Staff(caller), request?.Reason, clock.GetUtcNow());
        db.Publish(order.Changed);
        mail.Tell(order, new OrderConfirmed(OrderFacts.Of(order, links)));
        return TypedResults.Ok(OrderDetails.Of(order, forStaff: true));
    }
}
