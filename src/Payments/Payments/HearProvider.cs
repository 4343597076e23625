using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>
/// Applies a provider's word to our books: payment, payable, refund and announcement in the caller's one transaction. The same word again changes
/// nothing, and a word that would lead backwards is kept and otherwise ignored.
/// </summary>
internal sealed class HearProvider(Db db, IEnumerable<IPayable> payables, TimeProvider clock)
{
    /// <summary>The provider knows the charge.</summary>
    public async Task<Payment> Opened(Guid paymentId, OpenedCharge opened, CancellationToken ct)
    {
        var payment = await db.LockPayment(paymentId, ct);
        // It was cancelled while nobody here knew under which name to cancel it there.
        if (payment.Opened(opened.Reference, opened.CheckoutUrl, clock.GetUtcNow()) && payment.Status is PaymentStatus.Cancelled)
            db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(payment.Id), clock.GetUtcNow());
        return payment;
    }

    /// <summary>The provider said how the charge stands.</summary>
    public async Task<Payment> Hear(Guid paymentId, ChargeNews news, CancellationToken ct)
    {
        var (kind, payableId) = await db.ReadFirst($"select kind, payable_id from payments.payments where id = {paymentId}", row => (row.GetString(0), row.GetGuid(1)), ct);
        var payable = payables.Of(kind);

        // The payable first and the payment second, like everybody: two that lock in different orders could wait for each other for good.
        var due = await payable.Lock(payableId, ct);
        var payment = await db.LockPayment(paymentId, ct);
        var now = clock.GetUtcNow();

        switch (news.State)
        {
            case ChargeState.Succeeded when payment.Succeed(news.Reference, now):
                await ComeIn(payment, due, payable, now, ct);
                break;
            case ChargeState.Failed when payment.Fail(news.Reference, news.FailureCode, now):
            case ChargeState.Cancelled when payment.Cancel(now):
                await payable.Failed(payableId, payment.Id, now, ct);
                break;
            case ChargeState.Failed when payment.Status is not PaymentStatus.Failed:
            case ChargeState.Cancelled when payment.Status is not PaymentStatus.Cancelled:
                db.Add(new IgnoredNews { PaymentId = payment.Id, News = news.State, FailureCode = news.FailureCode, Status = payment.Status, CreatedAt = now });
                break;
        }

        return payment;
    }

    /// <summary>
    /// The first money that comes in pays, even by an attempt that had failed or been cancelled; every other open attempt ends. Money that comes after it,
    /// or for what can no longer be paid, goes back.
    /// </summary>
    private async Task ComeIn(Payment payment, Due? due, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        var paidBefore = await db.Read($"""
            select id from payments.payments
            where kind = {payment.Kind} and payable_id = {payment.PayableId} and id <> {payment.Id} and status in ('succeeded', 'disputed', 'partially_refunded') and not is_surplus
            """, row => row.GetGuid(0), ct);

        if (paidBefore.Count > 0 || due is null || !await payable.Paid(payment.PayableId, payment.Id, now, ct))
        {
            payment.TurnAway();
            db.AskRefund(payment, payment.Amount, "not_taken", now);
            await payable.TurnedAway(payment.PayableId, payment.Money, ct);
            return;
        }

        // Now and not with the rest: the index allows one open or paid attempt, and this one is written last.
        var superseded = await db.Read($"""
            update payments.payments set status = 'cancelled', updated_at = {now}
            where kind = {payment.Kind} and payable_id = {payment.PayableId} and id <> {payment.Id} and status in ('pending', 'processing')
            returning id
            """, row => row.GetGuid(0), ct);
        foreach (var id in superseded)
            db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(id), now);

        db.Publish(new PaymentSucceeded(payment.Id, payment.Kind, payment.PayableId, payment.Money));
    }
}

/// <summary>Tells the provider that a payment is not wanted any more, and hears whether it was paid just before.</summary>
internal sealed class CancelAtProvider(Db db, Providers.Providers providers, HearProvider provider) : ICallOut<CancelAtProvider.Message, ChargeNews?>
{
    public const string Kind = "payments.cancel-at-provider";

    internal sealed record Message(Guid PaymentId);

    public async Task<ChargeNews?> Call(Message message, CancellationToken ct)
    {
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == message.PaymentId, ct);
        // Whoever learns the reference of a cancelled payment schedules this again.
        return payment.ProviderReference is { } reference ? await providers.Of(payment.Provider).Cancel(reference, ct) : null;
    }

    public async Task Write(Message message, ChargeNews? outcome, CancellationToken ct)
    {
        if (outcome is not null)
            await provider.Hear(message.PaymentId, outcome, ct);
    }
}

/// <summary>A provider's word that would have led backwards.</summary>
internal sealed class IgnoredNews
{
    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public required Guid PaymentId { get; init; }
    public required ChargeState News { get; init; }
    public string? FailureCode { get; init; }
    public required PaymentStatus Status { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<IgnoredNews>(ignored =>
    {
        ignored.ToTable("ignored_news", "payments");
        ignored.Property(i => i.News).HasConversion(state => state.Name(), name => Wire.Parse<ChargeState>(name));
        ignored.Property(i => i.Status).HasConversion(status => status.Name(), name => Wire.Parse<PaymentStatus>(name));
    });
}

/// <summary>How payments and payables are found.</summary>
internal static class Finding
{
    /// <summary>The module that implements the kind.</summary>
    public static IPayable Of(this IEnumerable<IPayable> payables, string kind) =>
        payables.FirstOrDefault(payable => payable.Kind == kind) ?? throw new InvalidOperationException($"No module offers payables of kind {kind}.");

    /// <summary>The payment, locked until the transaction ends; to be changed by its own verbs. Its payable is locked before it, if at all.</summary>
    public static async Task<Payment> LockPayment(this Db db, Guid id, CancellationToken ct) =>
        (await db.Set<Payment>().FromSql($"select * from payments.payments where id = {id} for update").ToListAsync(ct)).Single();
}
