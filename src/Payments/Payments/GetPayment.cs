using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Shows a payment of the caller; staff see any.</summary>
internal static class GetPayment
{
    public static async Task<Results<Ok<PaymentDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, PaymentView view, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var payment = await db.Set<Payment>().AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id && (any || payment.PayerId == caller.Id), ct);
        return payment is null ? TypedResults.NotFound() : TypedResults.Ok(view.Of(payment, caller));
    }
}
