using Quitanda.Ordering.Stores;
using Quitanda.Payments;

namespace Quitanda.Ordering.Orders;

/// <summary>What is due for an order, and what money does to it.</summary>
internal sealed partial class Order
{
    /// <summary>Whether its money is taken as it is handed over: it is a manual one, and nobody has paid.</summary>
    public bool IsPaidAtTheDoor => PaymentMethod == PaymentMethod.Manual && WhyNotPayable is null;

    /// <summary>Whether an order waits for a payment that may never come: an online one that costs something.</summary>
    public static bool MayLapse(OrderStatus status, PaymentMethod method, PaymentStatus payment) =>
        status == OrderStatus.Pending && method == PaymentMethod.Online && (payment is PaymentStatus.Pending or PaymentStatus.Failed);

    /// <summary>The total by ledger account, without those that have no part in it.</summary>
    public IReadOnlyDictionary<string, long> Split
    {
        get
        {
            Dictionary<string, long> split = new(StringComparer.Ordinal);
            foreach (var (account, amount) in ((string, long)[])[("sales", Subtotal), ("delivery", DeliveryFee), ("tips", Tip), ("discounts", -Discount)])
                if (amount != 0)
                    split.Add(account, amount);
            return split;
        }
    }

    /// <summary>What is due for it.</summary>
    public Due Due => new(CustomerId, new(Total, Currency), Split, MayBePaid: WhyNotPayable is null, WhyNotPayable)
    {
        WhyNotText = WhyNotPayableText,
        IsByHand = PaymentMethod == PaymentMethod.Manual,
        ExpiresAt = LapsesAt,
        // Several people may order from one device as one guest: each pays with the address that was left with this very order.
        GuestEmail = IsGuest ? Contact?.Email : null,
    };

    /// <summary>Why the order cannot be paid now; null where it can.</summary>
    public string? WhyNotPayable => this switch
    {
        { Status: OrderStatus.Cancelled } => "order_cancelled",
        // It was over before it came: whatever is known of its payment, nothing is owed here.
        { ImportedAt: not null } => "already_paid",
        { PaymentStatus: PaymentStatus.Pending or PaymentStatus.Failed, BasketId: not null } => "paid_by_basket",
        { PaymentStatus: PaymentStatus.Pending or PaymentStatus.Failed } => null,
        _ => "already_paid",
    };

    private string? WhyNotPayableText => WhyNotPayable switch
    {
        null => null,
        "order_cancelled" => "The order was cancelled.",
        "paid_by_basket" => "The order is paid with its basket.",
        _ => "The order is paid already.",
    };

    /// <summary>Money came in: an order that waited for it is confirmed. False where the order takes no money from this payment.</summary>
    public bool TakePayment(Guid paymentId, DateTimeOffset at)
    {
        if (PaymentId == paymentId)
            return true;
        if (WhyNotPayable is not null)
            return false;
        Take(paymentId, at);
        return true;
    }

    /// <summary>Money came in for the basket that it is part of.</summary>
    public void TakeBasketPayment(Guid? paymentId, DateTimeOffset at)
    {
        if (BasketId is null || Status != OrderStatus.Pending)
            throw new InvalidOperationException("Only an order that waits for its basket is paid with it.");
        Take(paymentId, at);
    }

    private void Take(Guid? paymentId, DateTimeOffset at)
    {
        (PaymentId, PaymentStatus, PaidAt, UpdatedAt) = (paymentId, PaymentStatus.Paid, at, at);
        // What was promised for as soon as can be was counted from when it was placed, and nobody begins before it is paid. A slot stays what was chosen, and a time what staff said.
        if (Status == OrderStatus.Pending && PaymentMethod == PaymentMethod.Online && ScheduledFor is null && SlotAt is null && !_timeline.Exists(happened => happened.ReadyAt is not null))
            (ReadyAt, QueueAt) = (ReadyAt + (at - CreatedAt), QueueAt + (at - CreatedAt));
        // One that is paid by hand is for staff to take on, however early its money comes.
        if (Status == OrderStatus.Pending && PaymentMethod == PaymentMethod.Online)
            Go(OrderStatus.Confirmed, By.System, at);
    }

    /// <summary>Money came in for an order that had lapsed, and its stock is taken again: it is confirmed after all.</summary>
    /// <param name="paymentId">The payment.</param>
    /// <param name="promise">What it is promised for now.</param>
    /// <param name="at">Now.</param>
    public void Revive(Guid? paymentId, Promise promise, DateTimeOffset at)
    {
        if (!HasLapsed)
            throw new InvalidOperationException("Only an order that lapsed is brought back.");
        (PaymentId, PaymentStatus, PaidAt, CancelReason) = (paymentId, PaymentStatus.Paid, at, null);
        (ReadyAt, QueueAt, SlotAt) = (promise.ReadyAt, promise.QueueAt, promise.Slots is [var slot] ? slot : null);
        Enter(OrderStatus.Confirmed, By.System, at, PaidLate);
    }

    /// <summary>A payment failed. One that came in before stands.</summary>
    public void NoteFailedPayment(DateTimeOffset at)
    {
        if (PaymentStatus == PaymentStatus.Pending)
            (PaymentStatus, UpdatedAt) = (PaymentStatus.Failed, at);
    }

    /// <summary>Money of the payment that paid the order went back. A payment that the order never took is none of its business.</summary>
    public void NoteRefund(Guid paymentId, bool isWhole, DateTimeOffset at)
    {
        if (PaymentId == paymentId)
            (PaymentStatus, UpdatedAt) = (isWhole ? PaymentStatus.Refunded : PaymentStatus.PartiallyRefunded, at);
    }

    /// <summary>Money of the payment that paid the order had gone back and did not arrive.</summary>
    public void NoteRefundCameBack(Guid paymentId, bool isWhole, DateTimeOffset at)
    {
        if (PaymentId == paymentId)
            (PaymentStatus, UpdatedAt) = (isWhole ? PaymentStatus.Paid : PaymentStatus.PartiallyRefunded, at);
    }
}
