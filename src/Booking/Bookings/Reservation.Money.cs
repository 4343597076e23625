using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>What is due for a booking, what money does to it, and whose it is in the end.</summary>
internal sealed partial class Reservation
{
    /// <summary>The account that its money waits in until it is earned or goes back.</summary>
    private const string HeldAccount = BookAccounts.Held;

    /// <summary>All of it.</summary>
    private const int Whole = 10_000;

    /// <summary>What is due for it.</summary>
    public Due Due => new(RenterId, new(Total, Currency), Split(Total), MayBePaid: WhyNotPayable is null, WhyNotPayable)
    {
        WhyNotText = WhyNotPayable switch
        {
            null => null,
            "booking_cancelled" => "The booking is over, and is not paid any more.",
            "booking_not_accepted" => "The booking is paid once its owner has accepted it.",
            "paid_by_basket" => "The booking is paid with its basket.",
            _ => "The booking is paid already.",
        },
        ExpiresAt = Status == BookingStatus.Pending ? ExpiresAt : null,
    };

    /// <summary>Why it cannot be paid now; null where it can.</summary>
    public string? WhyNotPayable => this switch
    {
        { Status: BookingStatus.Cancelled or BookingStatus.Declined or BookingStatus.Expired } => "booking_cancelled",
        { Status: BookingStatus.Requested } => "booking_not_accepted",
        { Status: BookingStatus.Pending, BasketId: not null } => "paid_by_basket",
        { Status: BookingStatus.Pending } => null,
        _ => "already_paid",
    };

    /// <summary>What waits, as a payment's split: all of it, until it is earned.</summary>
    public static IReadOnlyDictionary<string, long> Split(long amount) => new Dictionary<string, long>(StringComparer.Ordinal) { [HeldAccount] = amount };

    /// <summary>Money came in: a booking that waited for it is confirmed. False where it takes no money from this payment.</summary>
    public bool TakePayment(Guid paymentId, DateTimeOffset at)
    {
        if (PaymentId == paymentId)
            return true;
        if (WhyNotPayable is not null)
            return false;
        TakeMoney(paymentId, at);
        Enter(BookingStatus.Paid, By.System, at, reason: null);
        Enter(BookingStatus.Confirmed, By.System, at, reason: null);
        return true;
    }

    /// <summary>Money came in for the basket that it is part of: its owner, unless it is instant, is asked now.</summary>
    public void TakeBasketPayment(Guid? paymentId, DateTimeOffset at, DateTimeOffset answerBy)
    {
        TakeMoney(paymentId, at);
        Enter(BookingStatus.Paid, By.System, at, reason: null);
        if (Instant)
            Enter(BookingStatus.Confirmed, By.System, at, reason: null);
        else
            ExpiresAt = answerBy;
    }

    /// <summary>Money came in for a booking that had lapsed, and what it held is held again.</summary>
    public void Revive(int[]? units, DateTimeOffset at)
    {
        if (!HasLapsed)
            throw new InvalidOperationException("Only a booking that lapsed is brought back.");
        Units = units;
        Enter(BookingStatus.Pending, By.System, at, PaidLate);
    }

    /// <summary>More came in, for another time.</summary>
    public void Collect(long amount) => Collected += amount;

    /// <summary>A payment failed. One that came in before stands.</summary>
    public void NoteFailedPayment(DateTimeOffset at)
    {
        if (PaymentStatus == PaymentStatus.Pending)
            (PaymentStatus, UpdatedAt) = (PaymentStatus.Failed, at);
    }

    /// <summary>So much of the payment that paid it has gone back in all. A payment that it never took is none of its business.</summary>
    public bool NoteRefund(Guid paymentId, long inAll, DateTimeOffset at)
    {
        if (PaymentId != paymentId)
            return false;
        NoteRefunded(inAll - MainRefunded, at);
        MainRefunded = inAll;
        PaymentStatus = inAll == 0 ? PaymentStatus.Paid : inAll >= MainCollected ? PaymentStatus.Refunded : PaymentStatus.PartiallyRefunded;
        return true;
    }

    /// <summary>More went back, or came back where it is negative, of any of its payments.</summary>
    public void NoteRefunded(long more, DateTimeOffset at) => (Refunded, UpdatedAt) = (Refunded + more, at);

    /// <summary>So much more is asked to go back.</summary>
    public void NoteAsked(long amount) => RefundAsked = Math.Max(RefundAsked, Refunded) + amount;

    /// <summary>What of it may still go back: what came in less what is asked back, or went without being asked.</summary>
    public long Kept => Collected - Math.Max(RefundAsked, Refunded);

    /// <summary>
    /// What somebody gets back who cancels now: an owner's or an admin's cancelling gives all back, and so does a renter's before the owner has accepted; later a renter's, what the policy says, and the deposit.
    /// </summary>
    public long BackOnCancelling(Actor by, DateTimeOffset now) => by == Actor.Renter && Status != BookingStatus.Paid ? Shared(Math.Max(Kept - Deposit, 0), PercentBack(now)) + Math.Min(Kept, Deposit) : Kept;

    /// <summary>How much of a price a renter gets back now, in percent.</summary>
    public int PercentBack(DateTimeOffset now) => Policy.Where(step => now.AddHours(step.HoursBefore) <= CountsFrom).MaxBy(step => step.HoursBefore)?.Percent ?? 0;

    /// <summary>A part of an amount, rounded half up.</summary>
    public static long Shared(long amount, int percent) => (long)decimal.Round((decimal)amount * percent / 100, MidpointRounding.AwayFromZero);

    /// <summary>The owner says what of the deposit they keep, in place of what they said before.</summary>
    /// <exception cref="RefusedException"><c>nothing_to_claim</c>, <c>claim_too_large</c>.</exception>
    public void Claim(long amount, By by, string reason, DateTimeOffset at)
    {
        if (Status != BookingStatus.Completed || DepositBackAt is not null || DepositDueAt is not { } due || due <= at)
            throw new RefusedException("nothing_to_claim", "A deposit is claimed of after the end, and before it goes back.");
        if (amount > Deposit)
            throw new RefusedException("claim_too_large", "The deposit is less.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["deposit"] = new Money(Deposit, Currency) } };
        Claimed = amount;
        Enter(Status, by, at, reason);
    }

    /// <summary>The time for claims is over. False where it is not, or was before.</summary>
    /// <returns>What of the deposit goes back, minor units; null where it is not its time.</returns>
    public long? EndClaims(DateTimeOffset at)
    {
        if (Status != BookingStatus.Completed || DepositBackAt is not null || DepositDueAt is not { } due || due > at)
            return null;
        (DepositBackAt, UpdatedAt) = (at, at);
        return Math.Min(Deposit - Claimed, Kept);
    }

    /// <summary>
    /// What of its money has to be moved now, so that owner and house have what is theirs: whatever happened before, and in whichever order. Nothing is theirs before it is over;
    /// then it is what was kept, without the deposit for as long as that may go back.
    /// </summary>
    public (long Owner, long House) Unsettled
    {
        get
        {
            if (!IsFinal(Status))
                return (-OwnerEarned, -HouseEarned);
            var waits = Status == BookingStatus.Completed && DepositBackAt is null ? Math.Min(Deposit, Kept) : 0;
            var theirs = Kept - waits;
            // What was claimed makes good a damage: the house has no part in it.
            var claimed = Status == BookingStatus.Completed && DepositBackAt is not null ? Math.Clamp(theirs, 0, Claimed) : 0;
            var house = (long)decimal.Round((decimal)(theirs - claimed) * Commission / Whole, MidpointRounding.AwayFromZero);
            return (theirs - house - OwnerEarned, house - HouseEarned);
        }
    }

    /// <summary>What <see cref="Unsettled"/> says has been moved.</summary>
    /// <returns>How often it was.</returns>
    public int Settle()
    {
        var (owner, house) = Unsettled;
        (OwnerEarned, HouseEarned) = (OwnerEarned + owner, HouseEarned + house);
        return ++Settled;
    }

    private void TakeMoney(Guid? paymentId, DateTimeOffset at) =>
        (PaymentId, PaymentStatus, PaidAt, ExpiresAt, MainCollected, Collected, UpdatedAt) = (paymentId, PaymentStatus.Paid, at, null, Total, Total, at);
}
