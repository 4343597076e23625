using Quitanda.Payments.Ledger;
using Quitanda.Platform;

namespace Quitanda.Payments;

/// <summary>
/// Something that can be paid. Payments knows no order: the module that owns one implements this, registered under its kind.
/// Every call joins the caller's transaction. Locks are taken here first and on the payment second, always.
/// </summary>
[EvenWhenOff]
public interface IPayable
{
    /// <summary>Stable, stored, and what requests and answers name its id by: <c>order</c>, <c>booking</c>, <c>booking_change</c> or <c>basket</c>.</summary>
    string Kind { get; }

    /// <summary>Locks the row until the transaction ends and says what is due. Null where it is not there.</summary>
    Task<Due?> Lock(Guid id, CancellationToken ct);

    /// <summary>The money has come in. False where it cannot be taken any more (cancelled meanwhile): Payments then gives it back. The row is locked by <see cref="Lock"/> before.</summary>
    Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct);

    /// <summary>Money came in and goes back, because it cannot be taken any more or somebody had paid before; its payer is to be told. The row is locked by <see cref="Lock"/> before.</summary>
    Task TurnedAway(Guid id, Money amount, CancellationToken ct);

    /// <summary>A payment failed; another may be tried.</summary>
    Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct);

    /// <summary>
    /// Money went back, by a refund of ours, at the provider, or because a dispute was lost: <paramref name="isWhole"/> when nothing of the payment is left. <paramref name="inAll"/>
    /// is what of the payment has gone back until now. The row is locked by <see cref="Lock"/> before.
    /// </summary>
    Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct);

    /// <summary>
    /// Money that had gone back is here again, because a refund did not arrive or a lost dispute was turned: <paramref name="isWhole"/> when all of the payment is.
    /// <paramref name="inAll"/> is what of the payment is still gone. The row is locked by <see cref="Lock"/> before.
    /// </summary>
    Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct);

    /// <summary>How some of them stand, for the report of drift. Those that are not there are left out. Locks nothing.</summary>
    Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>Those that say since <paramref name="since"/> that they were paid, the newest first, at most <paramref name="limit"/>: none may lack its payment.</summary>
    Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct);
}

/// <summary>What is due for a payable.</summary>
/// <param name="OwnerId">Whose it is; only they may pay it.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="Split">The amount by ledger account (<c>sales</c>, <c>delivery</c>, <c>tips</c>, <c>discounts</c>, <c>tax</c>, <c>platform_commission</c>, <c>owner_payable</c>, <c>held</c>), in minor units, what lessens it negative; sums to the amount. <c>owner_payable:ID</c> says to whom it is owed; <c>held</c> is of nobody until it is earned, and what goes back is taken from it.</param>
/// <param name="MayBePaid">Whether it may still be paid.</param>
/// <param name="WhyNot">The stable code for why not: <c>already_paid</c>, <c>order_cancelled</c>, <c>booking_cancelled</c>, <c>booking_not_accepted</c>, <c>paid_by_basket</c> or <c>basket_not_held</c>.</param>
public sealed record Due(Guid OwnerId, Money Amount, IReadOnlyDictionary<string, long> Split, bool MayBePaid, string? WhyNot)
{
    /// <summary>The same for a person to read, a sentence. Needed with <see cref="WhyNot"/>.</summary>
    public string? WhyNotText { get; init; }

    /// <summary>Whether it is paid by hand, when it is handed over, and so by no provider; else by a provider, and not by hand.</summary>
    public bool IsByHand { get; init; }

    /// <summary>Until when it waits for its payment; null where it does not lapse.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where a guest who pays it is reached, for the provider's receipt; null where they left no e-mail address, and for an account, whose own holds.</summary>
    public string? GuestEmail { get; init; }

    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(Due);
}

/// <summary>How a payable says that it stands.</summary>
/// <param name="Id">Which.</param>
/// <param name="PaymentId">The payment that paid it; null where none did.</param>
/// <param name="PaymentStatus"><c>pending</c>, <c>paid</c>, <c>failed</c>, <c>partially_refunded</c> or <c>refunded</c>.</param>
/// <param name="Amount">What it costs.</param>
/// <param name="IsCancelled">Whether it was called off, and so keeps no money.</param>
public sealed record PayableState(Guid Id, Guid? PaymentId, string PaymentStatus, Money Amount, bool IsCancelled);

/// <summary>
/// Something that can be held and paid together with others, as a part of a basket. Its own payment is the basket's: by itself it is not paid. Every call joins the caller's transaction. Parts are
/// locked here after the basket and before the payment, always.
/// </summary>
[EvenWhenOff]
public interface IPayablePart
{
    /// <summary>Stable, stored: <c>order</c>.</summary>
    string Kind { get; }

    /// <summary>Locks the part until the transaction ends and says how it stands. Null where it is not there.</summary>
    Task<PartState?> Lock(Guid id, CancellationToken ct);

    /// <summary>Money for the whole basket came in: ends what others hold in a lapsed part's way and did not pay in time. That stays, whatever comes of the basket; nothing where nothing is to be ended.</summary>
    Task MakeWay(Guid id, CancellationToken ct) => Task.CompletedTask;

    /// <summary>
    /// Money for the whole basket came in, or it costs nothing and has no payment: holds the part again where it had lapsed, by statements alone, and gives what makes it a paid one. Null where it cannot be had any more: the caller undoes
    /// the statements, and the money goes back.
    /// </summary>
    Task<Action?> TakePaid(Guid id, Guid? paymentId, DateTimeOffset at, CancellationToken ct);

    /// <summary>Nobody pays it: what it holds is free. One that is over, or paid, stays as it is.</summary>
    /// <param name="id">Which.</param>
    /// <param name="hasLapsed">Whether its time ran out: then money that still comes may bring it back. Else it is called off.</param>
    /// <param name="ct">Ends the work.</param>
    Task Release(Guid id, bool hasLapsed, CancellationToken ct);

    /// <summary>So much of the basket's payment has gone back for this part in all.</summary>
    Task Refunded(Guid id, Guid paymentId, Money inAll, DateTimeOffset at, CancellationToken ct);
}

/// <summary>How a part of a basket stands.</summary>
/// <param name="Stand"><c>held</c>, <c>lapsed</c>, <c>paid</c> or <c>over</c>.</param>
/// <param name="Amount">What it costs.</param>
/// <param name="Income">What of its money is somebody's as soon as it is paid, by ledger account; nothing where it is held until it is earned.</param>
public sealed record PartState(PartStand Stand, Money Amount, IReadOnlyDictionary<string, long> Income);

/// <summary>How a part of a basket stands.</summary>
public enum PartStand
{
    /// <summary>Held, and to be paid.</summary>
    Held,

    /// <summary>It was not paid in time, and may be taken again if it still can.</summary>
    Lapsed,

    /// <summary>It is paid, as far as anything was due.</summary>
    Paid,

    /// <summary>It was called off.</summary>
    Over,
}

/// <summary>What other modules may ask of payments. Every call joins the caller's transaction.</summary>
public interface IPayments
{
    /// <summary>Ends payments of the payable that have not been paid, and has paid ones given back in full. The payable's row is locked by the caller.</summary>
    /// <returns>Whether money is on its way back.</returns>
    Task<bool> CancelOrRefund(string kind, Guid payableId, string reason, CancellationToken ct);

    /// <summary>
    /// Has a part of what was paid for the payable given back. The payable's row is locked by the caller, who is told by <see cref="IPayable.Refunded"/> once it has gone. Each call
    /// asks anew: whoever may be called twice knows what was asked before.
    /// </summary>
    /// <returns>What was asked for: never more than can still go back, and so nothing where nothing came in, and while a bank holds it in a dispute.</returns>
    /// <exception cref="ArgumentException">The amount is in another currency than was paid.</exception>
    Task<Money> Refund(string kind, Guid payableId, Money amount, string reason, CancellationToken ct);

    /// <summary>Moves money from one account of the ledger to another, once for each key: the same key again writes nothing. It is written with the caller's commit.</summary>
    /// <exception cref="ArgumentException">It does not balance, or names an account that is not in <see cref="BookAccounts"/>.</exception>
    void Post(LedgerPost post);

    /// <summary>
    /// Money was taken by hand for the payable as it was handed over: writes it into the books, by the payment by hand that was open or else by one of its own. The payable's row is
    /// locked by the caller, who notes the payment itself, as of the same moment: the payable is not told.
    /// </summary>
    /// <returns>The payment.</returns>
    Task<Guid> TakenByHand(string kind, Guid payableId, Due due, DateTimeOffset at, CancellationToken ct);

    /// <summary>What went back to payers of a kind of payables, also of those that were paid in a basket, from one moment to before another, less what came back of it, by currency. Money that was never taken, and what a bank took, is not in it: as the books have it, in minor units.</summary>
    Task<IReadOnlyDictionary<string, long>> GoneBack(string kind, DateTimeOffset from, DateTimeOffset to, CancellationToken ct);

    /// <summary>Who paid, or was to pay, a user or a guest, and how much; null where there is no such payment.</summary>
    Task<(Guid PayerId, Money Amount)?> FindPayment(Guid paymentId, CancellationToken ct);

    /// <summary>How each of some payments was made: its method (<c>card</c>, <c>pix</c>, <c>upi</c>, <c>cash</c>), or its provider's name (<c>manual</c>, <c>stripe</c>) where that was not said here. Those that are not there are left out.</summary>
    Task<IReadOnlyDictionary<Guid, string>> MethodsOf(IReadOnlyCollection<Guid> paymentIds, CancellationToken ct);
}

/// <summary>The accounts of the ledger that other modules may move money between.</summary>
public static class BookAccounts
{
    /// <summary>A liability: what was paid for what is not done yet.</summary>
    public const string Held = LedgerAccounts.Held;

    /// <summary>A liability: what is owed to those whose things were sold. It always has a party.</summary>
    public const string OwnerPayable = LedgerAccounts.OwnerPayable;

    /// <summary>Income: what is kept of sales for others.</summary>
    public const string PlatformCommission = LedgerAccounts.PlatformCommission;

    /// <summary>Income.</summary>
    public const string Sales = LedgerAccounts.Sales;

    /// <summary>Income.</summary>
    public const string Delivery = LedgerAccounts.Delivery;

    /// <summary>Income.</summary>
    public const string Tips = LedgerAccounts.Tips;

    /// <summary>What was taken off: debits add to it.</summary>
    public const string Discounts = LedgerAccounts.Discounts;

    /// <summary>A liability.</summary>
    public const string Tax = LedgerAccounts.Tax;

    /// <summary>What of the shop's own income went back: debits add to it.</summary>
    public const string Refunds = LedgerAccounts.Refunds;

    /// <summary>An asset: the house's own bank account, as far as owners are paid from it. Credits are what left.</summary>
    public const string Bank = LedgerAccounts.Bank;
}

/// <summary>Why another module moves money.</summary>
public enum LedgerPostKind
{
    /// <summary>From one account to another.</summary>
    Transfer,

    /// <summary>What was owed to owners has left the bank account.</summary>
    Payout,
}

/// <summary>Money that another module moves.</summary>
/// <param name="Key">Made of what happened and of the module's own ids, beginning with its own noun: <c>booking:ID:earned</c>. 1 to 200 characters.</param>
/// <param name="Kind">Why.</param>
/// <param name="Lines">2 to 255, which sum to nothing in every currency.</param>
/// <param name="PaymentId">The payment whose money it is, where it is of one.</param>
/// <param name="TakesBack">The kind of payable whose sale a transfer to <see cref="BookAccounts.Refunds"/> takes back, where the payment was for more than that: <c>order</c>.</param>
public sealed record LedgerPost(string Key, LedgerPostKind Kind, IReadOnlyList<LedgerLine> Lines, Guid? PaymentId = null, string? TakesBack = null);

/// <summary>A line of it.</summary>
/// <param name="Account">One of <see cref="BookAccounts"/>.</param>
/// <param name="Amount">Minor units, not nothing: a debit is positive, a credit negative. So what lessens a liability is positive.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="PartyId">To whom it is owed, on <c>owner_payable</c> and there always.</param>
public sealed record LedgerLine(string Account, long Amount, string Currency, Guid? PartyId = null);

/// <summary>What a module itself knows of an account of the ledger, for the report of drift. Where several modules know of one account, their sums are added.</summary>
[EvenWhenOff]
public interface ISubledger
{
    /// <summary>What stands in the report: <c>bookings</c>.</summary>
    string Name { get; }

    /// <summary>The accounts that it knows of, all that was ever written to them: what stands there and is in no subledger is a difference.</summary>
    IReadOnlyList<string> Accounts { get; }

    /// <summary>How they should stand, out of the module's own rows and never out of the ledger, in one statement: what happens meanwhile is told by looking at the ledger before and after. Locks nothing.</summary>
    Task<IReadOnlyList<SubledgerBalance>> Balances(CancellationToken ct);
}

/// <summary>How an account should stand.</summary>
/// <param name="Account">One of <see cref="ISubledger.Accounts"/>.</param>
/// <param name="PartyId">To whom it is owed, on <c>owner_payable</c>.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Amount">Minor units as the ledger has them: debits less credits, so what is owed is negative.</param>
public sealed record SubledgerBalance(string Account, Guid? PartyId, string Currency, long Amount);

/// <summary>A payment came in and its payable took it.</summary>
public sealed record PaymentSucceeded(Guid PaymentId, string Kind, Guid PayableId, Money Amount);

/// <summary>An attempt to pay failed or was cancelled; another may be made.</summary>
public sealed record PaymentFailed(Guid PaymentId, string Kind, Guid PayableId, string? FailureCode);

/// <summary>Money of a payment went back.</summary>
public sealed record PaymentRefunded(Guid PaymentId, string Kind, Guid PayableId, Money Amount, bool IsWhole, Guid? RefundId = null);

/// <summary>The provider refused to give money back; staff can have it asked again.</summary>
public sealed record RefundFailed(Guid RefundId, Guid PaymentId, Money Amount, string FailureCode);

/// <summary>A payer had their bank ask for the money back, or that was decided: <c>Dispute</c> is <c>open</c>, <c>won</c> or <c>lost</c>.</summary>
public sealed record PaymentDisputed(Guid PaymentId, string Kind, Guid PayableId, Money Amount, string Dispute);
