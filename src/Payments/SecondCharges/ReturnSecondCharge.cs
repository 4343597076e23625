using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.SecondCharges;

/// <summary>
/// Has a provider give a second charge back, whole. First it is looked at: what went back already, by an answer that was lost or by somebody at the provider, does not go once
/// more, and what a bank holds cannot. Nothing of it is posted: it came and went at the provider, and the books hold what payments are made of.
/// </summary>
internal sealed partial class ReturnSecondCharge(Db db, Providers.Providers providers, TimeProvider clock, ILogger<ReturnSecondCharge> log) : ICallOut<ReturnSecondCharge.Message, ReturnSecondCharge.Outcome?>
{
    public const string Kind = "payments.return-second-charge";

    /// <summary>How long after an answer that says "on its way" it is asked again.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(10);

    internal sealed record Message(string Provider, string Reference);

    internal sealed record Outcome(Guid PaymentId, int Tries, RefundNews News);

    public async Task<Outcome?> Call(Message message, CancellationToken ct)
    {
        var second = await db.Set<SecondCharge>().AsNoTracking().SingleAsync(second => second.Provider == message.Provider && second.Reference == message.Reference, ct);
        if (second.Status is not SecondChargeStatus.Pending)
            return null;
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == second.PaymentId, ct);
        var provider = providers.Of(second.Provider);
        // A payment's own money is its refunds' to give back, and never this.
        var own = payment.ChargeReference ?? (payment.ProviderReference is { } reference && !provider.StaysOpen(reference) ? reference : null);
        if (!payment.HasComeIn || own is null || own == second.Reference)
            return new(payment.Id, second.Tries, new(RefundState.Failed, FailureCode: "not_second"));

        Charge charge = new(payment.Id, second.Reference, second.Reference, second.Money);
        return new(payment.Id, second.Tries, await provider.Fetch(charge, ct) switch
        {
            { PaymentId: var id } when id != payment.Id => new(RefundState.Failed, FailureCode: "not_ours"),
            { State: not ChargeState.Succeeded } => new(RefundState.Failed, FailureCode: "not_paid"),
            { Dispute.State: DisputeState.Open or DisputeState.Lost } => new(RefundState.Failed, FailureCode: "disputed"),
            { RefundedAmount: { } gone } when gone >= second.Amount => new(RefundState.Succeeded, second.RefundReference),
            var news => await provider.Refund(charge, new(payment.Id, second.Money with { Amount = second.Amount - (news.RefundedAmount ?? 0) }, second.Key, Reason: null) { Reference = second.RefundReference }, ct),
        });
    }

    public async Task Write(Message message, Outcome? outcome, CancellationToken ct)
    {
        if (outcome is null)
            return;
        var (now, news) = (clock.GetUtcNow(), outcome.News);
        var status = news.State switch { RefundState.Succeeded => SecondChargeStatus.Returned, RefundState.Failed => SecondChargeStatus.Refused, _ => SecondChargeStatus.Pending };
        var isNews = await db.Execute(
            $"""
            update payments.second_charges
            set status = {status}, refund_reference = case when {status} = 'refused' then null else coalesce({news.Reference}, refund_reference) end, failure_code = {news.FailureCode}, updated_at = {now}
            where provider = {message.Provider} and reference = {message.Reference} and status = 'pending' and tries = {outcome.Tries}
            """, ct) > 0;
        if (!isNews)
            return;
        if (status is SecondChargeStatus.Pending)
            db.Schedule(Kind, message, now + AskAgainAfter);
        Told(log, outcome.PaymentId, message.Provider, message.Reference, status, news.FailureCode ?? "");
    }

    [LoggerMessage(140, LogLevel.Warning, "Payment {Payment} was paid a second time at {Provider} by {Charge}; giving that back: {Outcome} {Code}")]
    private static partial void Told(ILogger log, Guid payment, string provider, string charge, SecondChargeStatus outcome, string code);
}
