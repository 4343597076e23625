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

    /// <summary>Money that had gone back did not arrive, and is here again: <paramref name="isWhole"/> when all of the payment is.</summary>
    Task RefundCameBack(Guid id, Guid paymentId, bool isWhole, DateTimeOffset at, CancellationToken ct);

    /// <summary>How some of them stand, for the report of drift. Those that are not there are left out. Locks nothing.</summary>
    Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>Those that say since <paramref name="since"/> that they were paid, the newest first, at most <paramref name="limit"/>: none may lack its payment.</summary>
    Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct);
}

/// <summary>What is due for a payable.</summary>
/// <param name="OwnerId">Whose it is; only they may pay it.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="Split">The amount by ledger account (<c>sales</c>, <c>delivery</c>, <c>tips</c>, <c>discounts</c>, <c>tax</c>, <c>platform_commission</c>, <c>owner_payable</c>), in minor units, what lessens it negative; sums to the amount. <c>owner_payable:ID</c> says to whom it is owed.</param>
/// <param name="MayBePaid">Whether it may still be paid.</param>
/// <param name="WhyNot">The stable code for why not: <c>already_paid</c>, <c>order_cancelled</c>.</param>
public sealed record Due(Guid OwnerId, Money Amount, IReadOnlyDictionary<string, long> Split, bool MayBePaid, string? WhyNot)
{
    /// <summary>Whether it is paid by hand, when it is handed over, and so by no provider; else by a provider, and not by hand.</summary>
    public bool IsByHand { get; init; }

    /// <summary>Until when it waits for its payment; null where it does not lapse.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>How a payable says that it stands.</summary>
/// <param name="Id">Which.</param>
/// <param name="PaymentId">The payment that paid it; null where none did.</param>
/// <param name="PaymentStatus"><c>pending</c>, <c>paid</c>, <c>failed</c>, <c>partially_refunded</c> or <c>refunded</c>.</param>
/// <param name="Amount">What it costs.</param>
/// <param name="IsCancelled">Whether it was called off, and so keeps no money.</param>
public sealed record PayableState(Guid Id, Guid? PaymentId, string PaymentStatus, Money Amount, bool IsCancelled);

/// <summary>What other modules may ask of payments. Every call joins the caller's transaction.</summary>
public interface IPayments
{
    /// <summary>Ends payments of the payable that have not been paid, and has paid ones given back in full. The payable's row is locked by the caller.</summary>
    /// <returns>Whether money is on its way back.</returns>
    Task<bool> CancelOrRefund(string kind, Guid payableId, string reason, CancellationToken ct);

    /// <summary>
    /// Money was taken by hand for the payable as it was handed over: writes it into the books, by the payment by hand that was open or else by one of its own. The payable's row is
    /// locked by the caller, who notes the payment itself: the payable is not told.
    /// </summary>
    /// <returns>The payment.</returns>
    Task<Guid> TakenByHand(string kind, Guid payableId, Due due, CancellationToken ct);

    /// <summary>What went back to payers of a kind of payables from one moment to before another, less what came back of it, by currency. Money that was never taken, and what a bank took, is not in it: as the books have it, in minor units.</summary>
    Task<IReadOnlyDictionary<string, long>> GoneBack(string kind, DateTimeOffset from, DateTimeOffset to, CancellationToken ct);

    /// <summary>How each of some payments was made: its method (<c>card</c>, <c>pix</c>, <c>upi</c>, <c>cash</c>), or its provider's name (<c>manual</c>, <c>stripe</c>) where that was not said here. Those that are not there are left out.</summary>
    Task<IReadOnlyDictionary<Guid, string>> MethodsOf(IReadOnlyCollection<Guid> paymentIds, CancellationToken ct);
}

/// <summary>A payment came in and its payable took it.</summary>
public sealed record PaymentSucceeded(Guid PaymentId, string Kind, Guid PayableId, Money Amount);

/// <summary>An attempt to pay failed or was cancelled; another may be made.</summary>
public sealed record PaymentFailed(Guid PaymentId, string Kind, Guid PayableId, string? FailureCode);

/// <summary>Money of a payment went back.</summary>
public sealed record PaymentRefunded(Guid PaymentId, string Kind, Guid PayableId, Money Amount, bool IsWhole);

/// <summary>The provider refused to give money back; staff can have it asked again.</summary>
public sealed record RefundFailed(Guid RefundId, Guid PaymentId, Money Amount, string FailureCode);

/// <summary>A payer had their bank ask for the money back, or that was decided: <c>Dispute</c> is <c>open</c>, <c>won</c> or <c>lost</c>.</summary>
public sealed record PaymentDisputed(Guid PaymentId, string Kind, Guid PayableId, Money Amount, string Dispute);
