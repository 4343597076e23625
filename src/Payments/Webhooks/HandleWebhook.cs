using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>
/// Finds the payment that an event is about, asks its provider how it stands now, and has our books hear that. The event itself moves nothing: so it does not matter in
/// which order events come, how old they are, or what of them was signed. One about a payment that nobody knows yet is parked and tried again, over a day; then it waits for somebody.
/// </summary>
internal sealed class HandleWebhook(Db db, Providers.Providers providers, HearProvider provider, TimeProvider clock) : ICallOut<HandleWebhook.Message, HandleWebhook.Outcome?>
{
    public const string Kind = "payments.handle-webhook";

    /// <summary>How long after which try the next one is.</summary>
    private static readonly TimeSpan[] Tries =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromHours(20)];

    internal sealed record Message(string Provider, string EventId);

    /// <param name="PaymentId">The payment; null where nobody knows it.</param>
    /// <param name="News">How its charge stands; null where there is nothing to ask.</param>
    internal sealed record Outcome(Guid? PaymentId, ChargeNews? News);

    /// <summary>What makes the handling of an event one, whoever asks for it.</summary>
    public static string KeyOf(string provider, string eventId) => $"{Kind}:{provider}:{eventId}";

    public async Task<Outcome?> Call(Message message, CancellationToken ct)
    {
        var happened = await Find(message).AsNoTracking().SingleAsync(ct);
        if (happened.State is WebhookState.Handled or WebhookState.Ignored)
            return null;
        if (happened.Subject is null)
            return new Outcome(PaymentId: null, News: null);
        var remote = providers.Of(happened.Provider);
        var payment = await Known(happened, happened.ClaimedId, ct);
        if (payment is null && await remote.PaymentOf(happened.Subject, ct) is { } id)
            payment = await Known(happened, id, ct);
        if (payment is null)
            return new Outcome(PaymentId: null, News: null);
        // The answer that brings the reference may still be on its way.
        var charge = Charge.Of(payment) with { Reference = payment.ProviderReference ?? happened.Subject, Subject = happened.Subject };
        return new(payment.Id, (await remote.Fetch(charge, ct)) with { Known = payment.DisputeMark });
    }

    public async Task Write(Message message, Outcome? outcome, CancellationToken ct)
    {
        if (outcome is null)
            return;
        // The payable and the payment are locked before the event, as they are by whoever comes without one.
        if (outcome is { PaymentId: { } paymentId, News: { } news })
            await provider.Hear(paymentId, news, ct);

        var happened = await Find(message).SingleAsync(ct);
        var now = clock.GetUtcNow();
        if (outcome.PaymentId is { } known)
            happened.Handled(known, now);
        else if (happened.Subject is null)
            happened.Ignore(now);
        else
        {
            happened.Park();
            if (happened.Tries <= Tries.Length)
                db.Schedule(Kind, message, now + Tries[happened.Tries - 1]);
        }
    }

    private IQueryable<WebhookEvent> Find(Message message) => db.Set<WebhookEvent>().Where(happened => happened.Provider == message.Provider && happened.EventId == message.EventId);

    /// <summary>By the provider's name for it, or by our own id where that is of the same provider: what an event claims is looked at, and the provider is asked.</summary>
    private Task<Payment?> Known(WebhookEvent happened, Guid? id, CancellationToken ct) => db.Set<Payment>().AsNoTracking().FirstOrDefaultAsync(
        payment => payment.Provider == happened.Provider && (payment.ProviderReference == happened.Subject || payment.ChargeReference == happened.Subject || payment.Id == id), ct);
}
