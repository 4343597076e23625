using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Manual;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.Refunds;
using Quitanda.Payments.SecondCharges;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>
/// Applies a provider's word to our books: payment, payable, refund, ledger and announcement in the caller's one transaction. Whoever brings the word, an event, a timer or
/// the payer's return, it ends here. The same word again changes nothing, and a word that would lead backwards is kept and otherwise ignored.
/// </summary>
internal sealed class HearProvider(Db db, IEnumerable<IPayable> payables, Providers.Providers providers, SecondCharges.SecondCharges seconds, Books books, TimeProvider clock)
{
    /// <summary>The provider knows the charge, or refused it.</summary>
    public async Task<Payment> Opened(Guid paymentId, OpenedCharge opened, CancellationToken ct)
    {
        var (payable, due, payment) = await Lock(paymentId, ct);
        var now = clock.GetUtcNow();
        if (opened.RefusedCode is { } code)
        {
            if (payment.Fail(reference: null, code, now))
                await NoteFailure(payment, payable, now, ct);
            return payment;
        }

        // It was cancelled while nobody here knew under which name to cancel it there.
        if (payment.Opened(opened, now) && payment.Status is PaymentStatus.Cancelled)
            db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(payment.Id), now);
        // Paid before the answer came that tells where.
        if (payment.HasComeIn)
            CloseAtProvider.Schedule(db, providers, payment, now);
        if (opened.News is { } news)
            await Apply(payment, news, payable, due, now, ct);
        return payment;
    }

    /// <summary>The provider said how the charge stands.</summary>
    public async Task<Payment> Hear(Guid paymentId, ChargeNews news, CancellationToken ct)
    {
        var (payable, due, payment) = await Lock(paymentId, ct);
        await Apply(payment, news, payable, due, clock.GetUtcNow(), ct);
        return payment;
    }

    /// <summary>Staff have the money of a payment by hand.</summary>
    /// <exception cref="RefusedException"><c>payment_closed</c> (409): it was cancelled.</exception>
    public async Task<Payment> Receive(Guid paymentId, CancellationToken ct)
    {
        var (payable, due, payment) = await Lock(paymentId, ct);
        if (payment.Status is PaymentStatus.Failed or PaymentStatus.Cancelled)
            throw new RefusedException("payment_closed", "The payment was called off: take the money by another one.");
        await Apply(payment, ManualProvider.Taken(payment), payable, due, clock.GetUtcNow(), ct);
        return payment;
    }

    /// <summary>Its payer does not want to pay it any more. One whose money came in, or that failed, stays as it is.</summary>
    public async Task<Payment> CallOff(Guid paymentId, CancellationToken ct)
    {
        var (payable, _, payment) = await Lock(paymentId, ct);
        var now = clock.GetUtcNow();
        if (payment.Cancel(now))
            await NoteFailure(payment, payable, now, ct);
        return payment;
    }

    /// <summary>The payable first and the payment second, like everybody: two that lock in different orders could wait for each other for good.</summary>
    private async Task<(IPayable Payable, Due? Due, Payment Payment)> Lock(Guid paymentId, CancellationToken ct)
    {
        var (kind, payableId) = await db.ReadFirst($"select kind, payable_id from payments.payments where id = {paymentId}", row => (row.GetString(0), row.GetGuid(1)), ct);
        var payable = payables.Of(kind);
        var due = await payable.Lock(payableId, ct);
        return (payable, due, await db.LockPayment(paymentId, ct));
    }

    private async Task Apply(Payment payment, ChargeNews news, IPayable payable, Due? due, DateTimeOffset now, CancellationToken ct)
    {
        payment.Asked(now);
        if (await IsSecond(payment, news, now, ct))
            return;
        switch (news.State)
        {
            // Another amount than was asked for is not this payment's: the report of drift shows it.
            case ChargeState.Succeeded or ChargeState.Authorized when news.Amount is { } amount && amount != payment.Money:
                await Ignore(payment, news with { FailureCode = "amount_differs" }, now, ct);
                return;
            case ChargeState.Succeeded when payment.Succeed(news, now):
                await ComeIn(payment, due, payable, now, ct);
                CloseAtProvider.Schedule(db, providers, payment, now);
                break;
            // What its payable can no longer take is not taken from the payer at all: left alone, the provider lets go of it.
            case ChargeState.Authorized when !payment.HasComeIn && payment.Status is not PaymentStatus.Cancelled && due is { MayBePaid: true } && due.Amount == payment.Money:
                db.Schedule(CaptureAtProvider.Kind, new CaptureAtProvider.Message(payment.Id), now, $"{CaptureAtProvider.Kind}:{payment.Id}");
                break;
            case ChargeState.Failed when payment.Fail(news.Reference, news.FailureCode, now):
                await NoteFailure(payment, payable, now, ct);
                break;
            // One attempt may have ended, and what it was begun from be open.
            case ChargeState.Cancelled when payment.Cancel(now):
                await NoteFailure(payment, payable, now, ct);
                CloseAtProvider.Schedule(db, providers, payment, now);
                break;
            case ChargeState.Failed when payment.Status is not PaymentStatus.Failed:
            case ChargeState.Cancelled when payment.Status is not PaymentStatus.Cancelled:
                await Ignore(payment, news, now, ct);
                break;
        }

        if (news.State is ChargeState.Succeeded)
            await After(payment, news, payable, now, ct);
        foreach (var other in news.Others)
            await NoteSecond(payment, other, now, ct);
    }

    /// <summary>Whether it is the word of another money than the payment's own, as when two looks at one page found each another one first. Nothing of it is the payment's.</summary>
    private async Task<bool> IsSecond(Payment payment, ChargeNews news, DateTimeOffset now, CancellationToken ct)
    {
        if (!payment.HasComeIn || payment.ChargeReference is not { } ours || news is not { State: ChargeState.Succeeded, ChargeReference: { } theirs, Amount: { } amount } || theirs == ours
            || providers.Find(payment.Provider) is not { KnowsSecondCharges: true })
            return false;
        await NoteSecond(payment, new(theirs, amount), now, ct);
        foreach (var other in news.Others)
            await NoteSecond(payment, other, now, ct);
        return true;
    }

    private async Task NoteSecond(Payment payment, SecondMoney other, DateTimeOffset now, CancellationToken ct)
    {
        if (payment.HasComeIn && other.Reference != payment.ChargeReference && other.Reference != payment.ProviderReference)
            await seconds.Note(payment.Id, payment.Provider, other.Reference, other.Amount, now, ct);
    }

    private async Task NoteFailure(Payment payment, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        await payable.Failed(payment.PayableId, payment.Id, now, ct);
        db.Publish(new PaymentFailed(payment.Id, payment.Kind, payment.PayableId, payment.FailureCode));
    }

    /// <summary>Kept once, however often it is said. The payment is locked.</summary>
    private Task<int> Ignore(Payment payment, ChargeNews news, DateTimeOffset now, CancellationToken ct) => db.Execute(
        $"""
        insert into payments.ignored_news (id, payment_id, news, failure_code, status, created_at)
        select {Guid.CreateVersion7(now)}, {payment.Id}, {news.State}, {news.FailureCode}, {payment.Status}, {now}
        where not exists (
            select from payments.ignored_news where payment_id = {payment.Id} and news = {news.State} and failure_code is not distinct from {news.FailureCode} and status = {payment.Status})
        """, ct);

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

        // An attempt of before, such as of a basket that was checked out anew, may be of another amount than is due by now: that pays nothing.
        if (paidBefore.Count > 0 || due is null || due.Amount != payment.Money || !await payable.Paid(payment.PayableId, payment.Id, now, ct))
        {
            payment.TurnAway();
            books.CameIn(payment, now);
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

        books.CameIn(payment, now);
        db.Publish(new PaymentSucceeded(payment.Id, payment.Kind, payment.PayableId, payment.Money));
    }

    /// <summary>What can happen to money that came in: its fee becomes known, it goes back at the provider, its payer's bank wants it back.</summary>
    private async Task After(Payment payment, ChargeNews news, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        if (news.Fee is { } fee && payment.NoteFee(fee, now))
            books.Fee(payment, now);
        if (news.RefundedAmount is { } there)
            await FindRefunds(payment, there, payable, now, ct);
        if (news.Dispute is { } dispute)
            await Dispute(payment, dispute, news.Known, payable, now, ct);
    }

    /// <summary>More went back than was ever asked for here: somebody did it at the provider. What we asked for may or may not be in the provider's sum yet, so only what exceeds all of it is theirs.</summary>
    private async Task FindRefunds(Payment payment, long refundedThere, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        if (refundedThere == 0 && payment.RefundedAmount == 0)
            return;
        var (known, gone) = await db.ReadFirst(
            $"""
            select coalesce(sum(amount), 0)::bigint, coalesce(sum(amount) filter (where status = 'succeeded'), 0)::bigint
            from payments.refunds where payment_id = {payment.Id} and origin <> 'dispute' and status <> 'failed'
            """, row => (row.GetInt64(0), row.GetInt64(1)), ct);
        if (refundedThere > known)
            await Return(payment, refundedThere - known, RefundOrigin.Provider, payable, now, ct);
        else if (refundedThere < gone)
            await AskAfter(payment, now, ct);
    }

    /// <summary>Less has gone than was said: a bank sent it back, or this word is older than the refund's. Each is asked after.</summary>
    private async Task AskAfter(Payment payment, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var id in await db.Read($"select id from payments.refunds where payment_id = {payment.Id} and origin = 'ours' and status = 'succeeded'", row => row.GetGuid(0), ct))
            db.Schedule(PayBack.Kind, new PayBack.Message(id, HasGone: true), now, $"{PayBack.Kind}:{id}:gone@{now:yyyyMMddHHmm}");
    }

    /// <summary>
    /// A dispute goes on, or what was known of it is turned. Who asked before the last of its words was heard may bring an older one: then, and where a turn comes from nobody knows
    /// when, it is asked for once more, and the answer to that is the newer one.
    /// </summary>
    private async Task Dispute(Payment payment, DisputeNews news, DisputeMark? known, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        var before = payment.DisputeMark;
        var isTurn = payment.IsTurnedBy(news);
        var isOld = known is { } asked ? asked != before : isTurn;
        if (isOld && (isTurn || news.State != before.State))
        {
            db.Schedule(AskProvider.Kind, new AskProvider.Message(payment.Id), now);
            return;
        }

        if (!payment.Disputes(news, now))
            return;
        var regained = isTurn && before.State is DisputeState.Lost ? await Regain(payment, payable, now, ct) : 0;
        db.Publish(new PaymentDisputed(payment.Id, payment.Kind, payment.PayableId, new(payment.DisputedAmount!.Value, payment.Currency), payment.Dispute!.Value.Name()));
        var counted = payment.Dispute is DisputeState.Lost ? await Return(payment, payment.DisputedAmount.Value, RefundOrigin.Dispute, payable, now, ct) : 0;
        books.Disputed(payment, counted, before, regained, now);
        // While a bank had it in its hands nothing of it could go back.
        if (payment.Refundable > 0 && (payment.IsSurplus || (await payable.States([payment.PayableId], ct)) is [{ IsCancelled: true }]))
            db.AskRefund(payment, payment.Refundable, "not_taken", now);
    }

    /// <summary>What a lost dispute had taken is not lost any more.</summary>
    private async Task<long> Regain(Payment payment, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        var taken = await db.Set<Refund>().Where(refund => refund.PaymentId == payment.Id && refund.Origin == RefundOrigin.Dispute && refund.Status == RefundStatus.Succeeded).ToListAsync(ct);
        var regained = taken.Sum(refund => refund.Regain(now));
        if (regained == 0)
            return 0;
        payment.Regain(regained, now);
        if (!payment.IsSurplus)
            await payable.RefundCameBack(payment.PayableId, payment.Id, payment.Refunded, isWhole: payment.RefundedAmount == 0, now, ct);
        return regained;
    }

    private async Task<long> Return(Payment payment, long amount, RefundOrigin origin, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        var counted = payment.WentBack(amount, now);
        if (counted == 0)
            return 0;
        var refund = Refund.Found(payment, counted, origin, now);
        db.Add(refund);
        if (origin is RefundOrigin.Provider)
            books.WentBack(payment, refund.Id, counted, now);
        await refund.Tell(db, payment, payable, now, ct);
        return counted;
    }
}

/// <summary>Takes money that a provider holds for us, and hears how the charge stands then.</summary>
internal sealed class CaptureAtProvider(Db db, Providers.Providers providers, HearProvider provider) : ICallOut<CaptureAtProvider.Message, ChargeNews?>
{
    public const string Kind = "payments.capture-at-provider";

    internal sealed record Message(Guid PaymentId);

    public async Task<ChargeNews?> Call(Message message, CancellationToken ct)
    {
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == message.PaymentId, ct);
        // Called off since it was authorised: then nobody takes it.
        return payment.HasComeIn || payment.Status is PaymentStatus.Cancelled || payment.ProviderReference is null
            ? null
            : (await providers.Of(payment.Provider).Capture(Charge.Of(payment), $"capture-{payment.Id:N}", ct)) with { Known = payment.DisputeMark };
    }

    public async Task Write(Message message, ChargeNews? outcome, CancellationToken ct)
    {
        // Thrown, so that the job waits longer each time, and gives up: heard, it would ask for the same again at once.
        if (outcome is { State: ChargeState.Authorized })
            throw new ProviderUnavailableException("The provider holds the money and did not take it.");
        if (outcome is not null)
            await provider.Hear(message.PaymentId, outcome, ct);
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
        return payment.ProviderReference is null ? null : (await providers.Of(payment.Provider).Cancel(Charge.Of(payment), ct)) with { Known = payment.DisputeMark };
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
        ignored.Property(i => i.News).IsNamed();
        ignored.Property(i => i.Status).IsNamed();
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
