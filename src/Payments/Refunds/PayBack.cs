using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Reconciling;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Has the provider give the money of a refund back, then tells the payable. One that takes its time is asked after until it has gone or failed.</summary>
internal sealed class PayBack(Db db, Providers.Providers providers, IEnumerable<IPayable> payables, Books books, TimeProvider clock) : ICallOut<PayBack.Message, PayBack.Outcome?>
{
    public const string Kind = "payments.refund";

    /// <summary>How long after an answer that says "on its way" it is asked again: banks take minutes to days.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(10);

    /// <param name="RefundId">The refund.</param>
    /// <param name="HasGone">Asks after one that the provider had called done.</param>
    internal sealed record Message(Guid RefundId, bool HasGone = false);

    internal sealed record Outcome(Guid PaymentId, string PayableKind, Guid PayableId, string Key, RefundNews News);

    public async Task<Outcome?> Call(Message message, CancellationToken ct)
    {
        var refund = await db.Set<Refund>().AsNoTracking().SingleAsync(refund => refund.Id == message.RefundId, ct);
        if (refund.Status is not RefundStatus.Pending && !(message.HasGone && refund is { Status: RefundStatus.Succeeded, Origin: RefundOrigin.Ours }))
            return null;
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == refund.PaymentId, ct);
        var news = await providers.Of(payment.Provider).Refund(Charge.Of(payment), new(refund.Id, payment.Money with { Amount = refund.Amount }, refund.Key, refund.Reason) { Reference = refund.ProviderReference }, ct);
        return new(payment.Id, payment.Kind, payment.PayableId, refund.Key, news);
    }

    public async Task Write(Message message, Outcome? outcome, CancellationToken ct)
    {
        if (outcome is null)
            return;
        var payable = payables.Of(outcome.PayableKind);
        await payable.Lock(outcome.PayableId, ct);
        var payment = await db.LockPayment(outcome.PaymentId, ct);
        var refund = await db.Set<Refund>().SingleAsync(refund => refund.Id == message.RefundId, ct);

        var now = clock.GetUtcNow();
        if (message.HasGone)
        {
            if (refund.Key == outcome.Key && outcome.News.State is RefundState.Failed && refund.Bounce(outcome.News.FailureCode, now))
                await ComeBack(payment, refund, payable, now, ct);
            return;
        }

        // An answer to a key that was given up says nothing about the one that took its place.
        if (refund.Key != outcome.Key || !refund.Hear(outcome.News, now))
        {
            if (refund.Status is RefundStatus.Pending && refund.Key == outcome.Key)
                db.Schedule(Kind, message, now + AskAgainAfter);
            return;
        }

        if (refund.Status is RefundStatus.Failed)
        {
            payment.Keep(refund.Amount, now);
            // It may have been refused because somebody at the provider was quicker.
            db.Schedule(AskProvider.Kind, new AskProvider.Message(payment.Id), now);
            db.Publish(new RefundFailed(refund.Id, payment.Id, new(refund.Amount, payment.Currency), refund.FailureCode!));
            return;
        }

        payment.GoneBack(refund.Amount, now);
        books.WentBack(payment, refund.Id, refund.Amount, now, refund.Again);
        await refund.Tell(db, payment, payable, now, ct);
    }

    private async Task ComeBack(Payment payment, Refund refund, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        payment.CameBack(refund.Amount, now);
        books.CameBack(payment, refund.Id, refund.Amount, refund.Key, now);
        if (!payment.IsSurplus)
            await payable.RefundCameBack(payment.PayableId, payment.Id, payment.Refunded, isWhole: payment.RefundedAmount == 0, now, ct);
        db.Publish(new RefundFailed(refund.Id, payment.Id, new(refund.Amount, payment.Currency), refund.FailureCode!));
    }
}
