using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>What other modules get behind <see cref="IPayments"/>.</summary>
internal sealed class PaymentsContract(Db db, TimeProvider clock) : IPayments
{
    public async Task<bool> CancelOrRefund(string kind, Guid payableId, string reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // By id, like everybody who locks more than one.
        var payments = await db.Set<Payment>().FromSql($"select * from payments.payments where kind = {kind} and payable_id = {payableId} order by id for update").ToListAsync(ct);
        foreach (var payment in payments)
            if (payment.Cancel(now))
                db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(payment.Id), now);
            else if (payment.Refundable > 0)
                db.AskRefund(payment, payment.Refundable, reason, now);

        return payments.Exists(payment => payment.RefundAskedAmount > payment.RefundedAmount);
    }
}
