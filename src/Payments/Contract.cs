using Quitanda.Platform;

namespace Quitanda.Payments;

/// <summary>
/// Something that can be paid. Payments knows no order: the module that owns one implements this, registered under its kind.
/// Every call joins the caller's transaction. Locks are taken here first and on the payment second, always.
/// </summary>
public interface IPayable
{
    /// <summary>Stable, stored: <c>order</c>.</summary>
    string Kind { get; }

    /// <summary>Locks the row until the transaction ends and says what is due. Null where it is not there.</summary>
    Task<Due?> Lock(Guid id, CancellationToken ct);

    /// <summary>The money has come in. False where it cannot be taken any more (cancelled meanwhile): Payments then gives it back. The row is locked by <see cref="Lock"/> before.</summary>
    Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct);

    /// <summary>Money came in and goes back, because it cannot be taken any more or somebody had paid before; its payer is to be told. The row is locked by <see cref="Lock"/> before.</summary>
    Task TurnedAway(Guid id, Money amount, CancellationToken ct);

    /// <summary>A payment failed; another may be tried.</summary>
    Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct);

    /// <summary>Money went back: <paramref name="isWhole"/> when nothing of the payment is left.</summary>
    Task Refunded(Guid id, Guid paymentId, bool isWhole, DateTimeOffset at, CancellationToken ct);
}

/// <summary>What is due for a payable.</summary>
/// <param name="OwnerId">Whose it is; only they may pay it.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="Split">The amount by ledger account (<c>sales</c>, <c>delivery</c>, <c>tip</c>, <c>discount</c>), in minor units; sums to the amount.</param>
/// <param name="MayBePaid">Whether it may still be paid.</param>
/// <param name="WhyNot">The stable code for why not: <c>already_paid</c>, <c>order_cancelled</c>, <c>pays_on_delivery</c>.</param>
public sealed record Due(Guid OwnerId, Money Amount, IReadOnlyDictionary<string, long> Split, bool MayBePaid, string? WhyNot);

/// <summary>What other modules may ask of payments. Every call joins the caller's transaction.</summary>
public interface IPayments
{
    /// <summary>Ends payments of the payable that have not been paid, and has paid ones given back in full. The payable's row is locked by the caller.</summary>
    /// <returns>Whether money is on its way back.</returns>
    Task<bool> CancelOrRefund(string kind, Guid payableId, string reason, CancellationToken ct);
}

/// <summary>A payment came in and its payable took it.</summary>
public sealed record PaymentSucceeded(Guid PaymentId, string Kind, Guid PayableId, Money Amount);
