using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

internal enum RefundStatus
{
    Pending,
    Succeeded,
}

/// <summary>Money of a payment on its way back, or back.</summary>
internal sealed class Refund
{
    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public required Guid PaymentId { get; init; }
    public required long Amount { get; init; }
    public string? Reason { get; init; }
    public RefundStatus Status { get; private set; }

    /// <summary>The refund's key at the provider: however often it is asked for, the money goes back once.</summary>
    public required string Key { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    public static Refund Ask(Payment payment, long amount, string? reason, DateTimeOffset now)
    {
        payment.SetAside(amount, now);
        var id = Guid.CreateVersion7();
        return new() { Id = id, PaymentId = payment.Id, Amount = amount, Reason = reason, Key = $"refund-{id:N}", CreatedAt = now, UpdatedAt = now };
    }

    public bool Succeed(DateTimeOffset now)
    {
        if (Status is RefundStatus.Succeeded)
            return false;

        (Status, UpdatedAt) = (RefundStatus.Succeeded, now);
        return true;
    }

    public static void Map(ModelBuilder model) => model.Entity<Refund>(refund =>
    {
        refund.ToTable("refunds", "payments");
        refund.Property(r => r.Status).HasConversion(status => status.Name(), name => Wire.Parse<RefundStatus>(name));
    });
}

/// <summary>A refund as staff and the payer see it.</summary>
internal sealed record RefundDetails(Guid Id, Guid PaymentId, RefundStatus Status, Money Amount, [Personal] string? Reason, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static RefundDetails Of(Refund refund, string currency) =>
        new(refund.Id, refund.PaymentId, refund.Status, new(refund.Amount, currency), refund.Reason, refund.CreatedAt, refund.UpdatedAt);
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
