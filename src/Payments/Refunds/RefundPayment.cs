using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Gives money of a payment back, the whole rest of it or a part. The answer is a refund that is <c>pending</c> until the provider has done it.</summary>
[Refuses("refund_exceeds_payment")]
internal static class RefundPayment
{
    /// <param name="Amount">How much, in the payment's currency; without it all that is left.</param>
    /// <param name="Reason">Why, for the books.</param>
    internal sealed record Request(Money? Amount = null, [StringLength(500, MinimumLength = 1)] string? Reason = null);

    public static async Task<Results<Created<RefundDetails>, NotFound>> Handle(Guid id, Request? request, Db db, TimeProvider clock, CancellationToken ct)
    {
        // Refunds of one payment queue here: each sees what the one before has set aside.
        var payments = await db.Set<Payment>().FromSql($"select * from payments.payments where id = {id} for update").ToListAsync(ct);
        if (payments is not [var payment])
            return TypedResults.NotFound();
        if (request?.Amount is { Amount: 0 })
            throw new InvalidException("amount.amount", "must be at least 1.");
        if (request?.Amount is { } asked && asked.Currency != payment.Currency)
            throw new InvalidException("amount.currency", $"must be {payment.Currency}, as the payment is.");

        var refund = db.AskRefund(payment, request?.Amount?.Amount ?? payment.Refundable, request?.Reason, clock.GetUtcNow());
        return TypedResults.Created($"/api/v1/payments/{id}/refunds/{refund.Id}", RefundDetails.Of(refund, payment.Currency));
    }
}
