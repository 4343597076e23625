using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Has the provider give the money of a refund back, then tells the payable.</summary>
internal sealed class PayBack(Db db, Providers.Providers providers, IEnumerable<IPayable> payables, TimeProvider clock) : ICallOut<PayBack.Message, PayBack.Outcome>
{
    public const string Kind = "payments.refund";

    internal sealed record Message(Guid RefundId);

    internal sealed record Outcome(Guid PaymentId, string PayableKind, Guid PayableId);

    public async Task<Outcome> Call(Message message, CancellationToken ct)
    {
        var refund = await db.Set<Refund>().AsNoTracking().SingleAsync(refund => refund.Id == message.RefundId, ct);
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == refund.PaymentId, ct);
        await providers.Of(payment.Provider).Refund(payment.ProviderReference!, payment.Money with { Amount = refund.Amount }, refund.Key, ct);
        return new(payment.Id, payment.Kind, payment.PayableId);
    }

    public async Task Write(Message message, Outcome outcome, CancellationToken ct)
    {
        var payable = payables.Of(outcome.PayableKind);
        await payable.Lock(outcome.PayableId, ct);
        var payment = await db.LockPayment(outcome.PaymentId, ct);
        var refund = await db.Set<Refund>().SingleAsync(refund => refund.Id == message.RefundId, ct);

        var now = clock.GetUtcNow();
        if (!refund.Succeed(now))
            return;
        payment.GoneBack(refund.Amount, now);
        // What the payable never took it must not count as taken from it.
        if (!payment.IsSurplus)
            await payable.Refunded(payment.PayableId, payment.Id, payment.Status is PaymentStatus.Refunded, now, ct);
    }
}
