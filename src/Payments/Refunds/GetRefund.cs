using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Shows whether money has gone back: to the payer and to staff.</summary>
internal static class GetRefund
{
    public static async Task<Results<Ok<RefundDetails>, NotFound>> Handle(Guid id, Guid refundId, Caller caller, Db db, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var found = await (
            from refund in db.Set<Refund>().AsNoTracking()
            join payment in db.Set<Payment>() on refund.PaymentId equals payment.Id
            where refund.Id == refundId && payment.Id == id && (any || payment.PayerId == caller.Id)
            select new { refund, payment.Currency }).SingleOrDefaultAsync(ct);
        return found is null ? TypedResults.NotFound() : TypedResults.Ok(RefundDetails.Of(found.refund, found.Currency));
    }
}
