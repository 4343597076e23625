using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

internal enum RefundStatus
{
    Pending,
    Succeeded,

    /// <summary>The provider refused; the money is where it was. It can be asked again.</summary>
    Failed,
}

/// <summary>Who had the money go back.</summary>
internal enum RefundOrigin
{
    /// <summary>This installation.</summary>
    Ours,

    /// <summary>Somebody at the provider, such as in its dashboard.</summary>
    Provider,

    /// <summary>The payer's bank, by a dispute that was lost.</summary>
    Dispute,
}

/// <summary>Money of a payment on its way back, or back.</summary>
internal sealed class Refund
{
    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public required Guid PaymentId { get; init; }
    public required long Amount { get; init; }
    public string? Reason { get; init; }
    public RefundStatus Status { get; private set; }
    public RefundOrigin Origin { get; private init; }

    /// <summary>The refund's key at the provider: however often it is asked for with it, the money goes back once.</summary>
    public required string Key { get; set; }
    public string? ProviderReference { get; private set; }
    public string? FailureCode { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    public static Refund Ask(Payment payment, long amount, string? reason, DateTimeOffset now)
    {
        payment.SetAside(amount, now);
        var id = Guid.CreateVersion7();
        return new() { Id = id, PaymentId = payment.Id, Amount = amount, Reason = reason, Key = FirstKey(id), CreatedAt = now, UpdatedAt = now };
    }

    /// <summary>One that happened without us, and that the payment counts already.</summary>
    public static Refund Found(Payment payment, long amount, RefundOrigin origin, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7();
        return new() { Id = id, PaymentId = payment.Id, Amount = amount, Origin = origin, Status = RefundStatus.Succeeded, Key = FirstKey(id), CreatedAt = now, UpdatedAt = now };
    }

    /// <summary>The provider said how it stands. False where that is no news: a refund that went or failed stays so.</summary>
    public bool Hear(RefundNews news, DateTimeOffset now)
    {
        if (Status is not RefundStatus.Pending)
            return false;

        ProviderReference = news.Reference ?? ProviderReference;
        UpdatedAt = now;
        if (news.State is RefundState.Pending)
            return false;
        (Status, FailureCode) = news.State is RefundState.Succeeded ? (RefundStatus.Succeeded, null) : (RefundStatus.Failed, news.FailureCode ?? "unknown");
        return true;
    }

    /// <summary>The key, where it is not the first one: what happens under it happens once more.</summary>
    public string? Again => Key == FirstKey(Id) ? null : Key;

    /// <summary>The provider had said that it went, and it did not arrive. False where it is none of ours, or had not gone.</summary>
    public bool Bounce(string? code, DateTimeOffset now)
    {
        if (Status is not RefundStatus.Succeeded || Origin is not RefundOrigin.Ours)
            return false;
        (Status, FailureCode, UpdatedAt) = (RefundStatus.Failed, code ?? "unknown", now);
        return true;
    }

    /// <summary>A bank took it, and the dispute was turned since: it counts no more.</summary>
    /// <returns>How much it was, minor units.</returns>
    public long Regain(DateTimeOffset now)
    {
        (Status, FailureCode, UpdatedAt) = (RefundStatus.Failed, "dispute_turned", now);
        return Amount;
    }

    private static string FirstKey(Guid id) => $"refund-{id:N}";

    /// <summary>Asks again what was refused, under another key: under the old one a provider repeats its refusal.</summary>
    /// <exception cref="RefusedException"><c>refund_not_failed</c>, <c>refund_exceeds_payment</c> (409).</exception>
    public void Retry(Payment payment, DateTimeOffset now)
    {
        if (Status is not RefundStatus.Failed || Origin is not RefundOrigin.Ours)
            throw new RefusedException("refund_not_failed", Origin is RefundOrigin.Ours ? $"The refund is {Status.Name()}: there is nothing to ask again." : "It was none of ours: there is nothing to ask again.");
        payment.SetAside(Amount, now);
        (Status, FailureCode, ProviderReference, UpdatedAt) = (RefundStatus.Pending, null, null, now);
        Key = $"refund-{Guid.CreateVersion7():N}";
    }

    /// <summary>Tells everybody whom it concerns that the money has gone.</summary>
    public async Task Tell(Db db, Payment payment, IPayable payable, DateTimeOffset now, CancellationToken ct)
    {
        var isWhole = payment.RefundedAmount == payment.Amount;
        // What the payable never took it must not count as taken from it.
        if (!payment.IsSurplus)
            await payable.Refunded(payment.PayableId, payment.Id, payment.Refunded, isWhole, now, ct);
        db.Publish(new PaymentRefunded(payment.Id, payment.Kind, payment.PayableId, new(Amount, payment.Currency), isWhole, Id));
    }

    public static void Map(ModelBuilder model) => model.Entity<Refund>(refund =>
    {
        refund.ToTable("refunds", "payments").Ignore(r => r.Again);
        refund.Property(r => r.Status).IsNamed();
        refund.Property(r => r.Origin).IsNamed();
    });
}

/// <summary>A refund as staff and the payer see it.</summary>
/// <param name="Id">The refund.</param>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Status">Whether the money has gone.</param>
/// <param name="Origin">Who had it go back.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">Why.</param>
/// <param name="FailureCode">Why the provider refused.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record RefundDetails(
    Guid Id, Guid PaymentId, RefundStatus Status, RefundOrigin Origin, Money Amount, [Personal] string? Reason, [Impersonal] string? FailureCode, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static RefundDetails Of(Refund refund, string currency) =>
        new(refund.Id, refund.PaymentId, refund.Status, refund.Origin, new(refund.Amount, currency), refund.Reason, refund.FailureCode, refund.CreatedAt, refund.UpdatedAt);
}

/// <summary>How a refund is asked for.</summary>
internal static class Asking
{
    /// <summary>Sets the money aside and has it sent back once this unit of work has committed. The payment is locked by the caller.</summary>
    /// <exception cref="RefusedException"><c>refund_exceeds_payment</c> (409).</exception>
    public static Refund AskRefund(this Db db, Payment payment, long amount, string? reason, DateTimeOffset now)
    {
        var refund = Refund.Ask(payment, amount, reason, now);
        db.Add(refund);
        db.Schedule(PayBack.Kind, new PayBack.Message(refund.Id), now);
        return refund;
    }
}
