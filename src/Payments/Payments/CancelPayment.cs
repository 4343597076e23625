using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>
/// Ends a payment that was not paid, such as before paying in another way: the provider is told. Again, it changes nothing. Paid just before all the same, it pays, or goes back. One's own
/// payment, or any for staff.
/// </summary>
[Refuses("payment_closed")]
internal static class CancelPayment
{
    public static async Task<Results<Ok<PaymentDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, HearProvider provider, PaymentView view, TimeProvider clock, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        if (!await db.Set<Payment>().AnyAsync(payment => payment.Id == id && (any || payment.PayerId == caller.Id), ct))
            return TypedResults.NotFound();
        // Decided with the payment locked: its money may be coming in.
        var payment = await provider.CallOff(id, ct);
        if (payment.Status is not PaymentStatus.Cancelled)
            throw new RefusedException("payment_closed", $"The payment is {payment.Status.Name()}: there is nothing to call off.");
        db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(id), clock.GetUtcNow());
        return TypedResults.Ok(view.Of(payment, caller));
    }
}
