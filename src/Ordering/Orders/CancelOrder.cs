using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Letters;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// Calls an order off: its customer until it is prepared, staff until it is delivered. Its stock and its coupon return, and what was paid is given back.
/// </summary>
[Refuses("invalid_transition")]
internal static class CancelOrder
{
    internal sealed record Request([StringLength(500)] string? Reason = null);

    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(
        Guid id, Request? request, Caller caller, Db db, Holds holds, IPayments payments, FollowLinks links, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var isStaff = caller.Is(Roles.Staff);
        if (await Order.Lock(db, id, isStaff ? null : caller.Id, ct) is not { } order)
            return TypedResults.NotFound();

        // Whoever waited for the lock finds the order cancelled and is refused here, so stock and money go back once.
        order.Cancel(isStaff ? By.Staff(caller) : By.Customer(caller.Id), request?.Reason, clock.GetUtcNow());
        await holds.Return([order], ct);
        var isPaidBack = order.BasketId is { } basket && order.PaymentId is not null
            ? OrderPart.AskBack(db, order, basket, request?.Reason)
            : await payments.CancelOrRefund(PayableOrder.OrderKind, order.Id, request?.Reason ?? "cancelled", ct);
        db.Publish(order.Changed);
        mail.Tell(order, new OrderCancelled(OrderFacts.Of(order, links), request?.Reason, isPaidBack));
        return TypedResults.Ok(OrderDetails.Of(order, isStaff) with { FollowToken = links.TokenFor(caller, id) });
    }
}
