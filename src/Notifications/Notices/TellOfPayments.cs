using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Tells payers what became of their money. That it came in is told by what it paid for.</summary>
internal sealed class TellOfPayments(Notifier notifier, IPayments payments) : IHandle<PaymentFailed>, IHandle<PaymentRefunded>
{
    public const string FailedKind = "notifications.tell-of-failed-payments";
    public const string RefundedKind = "notifications.tell-of-refunds";

    // One without a code was called off, by its payer or with what it was for: nobody refused it.
    public Task Handle(PaymentFailed message, CancellationToken ct) => message.FailureCode is null
        ? Task.CompletedTask
        : Tell(message.PaymentId, message.Kind, message.PayableId, NoticeKinds.PaymentFailed, message.PaymentId, amount: null, ct);

    public Task Handle(PaymentRefunded message, CancellationToken ct) =>
        Tell(message.PaymentId, message.Kind, message.PayableId, NoticeKinds.PaymentRefunded, message.RefundId ?? message.PaymentId, message.Amount, ct);

    private async Task Tell(Guid paymentId, string what, Guid payableId, NoticeKind kind, Guid thing, Money? amount, CancellationToken ct)
    {
        if (await payments.FindPayment(paymentId, ct) is not var (payer, whole))
            return;
        await notifier.Tell(payer, kind, thing.ToString(), at: null, new PaymentFacts(amount ?? whole), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["paymentId"] = paymentId.ToString(),
            // As requests and answers name it: orderId, bookingId, basketId.
            [$"{JsonName(what)}Id"] = payableId.ToString(),
        }, ct);
    }

    private static string JsonName(string what) => string.Concat(what.Split('_').Select((word, at) => at == 0 ? word : $"{char.ToUpperInvariant(word[0])}{word[1..]}"));
}
