using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Has a refund that the provider refused asked for again, such as after its account was filled.</summary>
[Refuses("refund_not_failed"), Refuses("refund_exceeds_payment")]
internal static class RetryRefund
{
    public static async Task<Results<Ok<RefundDetails>, NotFound>> Handle(Guid id, Guid refundId, Db db, TimeProvider clock, CancellationToken ct)
    {
        // The payment is locked before its refunds are read, as whoever hears of one does.
        var payments = await db.Set<Payment>().FromSql($"select * from payments.payments where id = {id} for update").ToListAsync(ct);
        if (payments is not [var payment] || await db.Set<Refund>().SingleOrDefaultAsync(refund => refund.Id == refundId && refund.PaymentId == id, ct) is not { } refund)
            return TypedResults.NotFound();

        var now = clock.GetUtcNow();
        refund.Retry(payment, now);
        db.Schedule(PayBack.Kind, new PayBack.Message(refund.Id), now);
        return TypedResults.Ok(RefundDetails.Of(refund, payment.Currency));
    }
}
