using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Says that an order is in its customer's hands, and that a manual one has been paid.</summary>
[Refuses("invalid_transition")]
internal static class DeliverOrder
{
    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, StepRequest? request, Caller caller, Db db, IPayments payments, TimeProvider clock, CancellationToken ct)
    {
        if (await Order.Lock(db, id, customerId: null, ct) is not { } order)
            return TypedResults.NotFound();

        var now = clock.GetUtcNow();
        order.Deliver(By.Staff(caller), request?.Reason, now);
        // One moment for both: at midnight the report and the books would else have it on two days.
        if (order.IsPaidAtTheDoor)
            order.TakePayment(await payments.TakenByHand(PayableOrder.OrderKind, order.Id, order.Due, now, ct), now);
        db.Publish(order.Changed);
        return TypedResults.Ok(OrderDetails.Of(order, forStaff: true));
    }
}
