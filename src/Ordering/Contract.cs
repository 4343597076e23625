using System.ComponentModel.DataAnnotations;
using Quitanda.Accounts;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>An order exists and its stock is taken. An online one is still to be paid.</summary>
public sealed record OrderPlaced(Guid OrderId, long Number, Guid CustomerId, Money Total) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(OrderEvents.OrderKind, OrderId, CustomerId);
}

/// <summary>An order changed its status; <c>Status</c> is the new one, as in the API, <c>At</c> when it did, and <c>WasHeld</c> whether it ended without ever being more than held for a basket.</summary>
public sealed record OrderStatusChanged(Guid OrderId, long Number, Guid CustomerId, string Status, DateTimeOffset? At = null, bool WasHeld = false) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(OrderEvents.OrderKind, OrderId, CustomerId);
}

/// <summary>Money of an order came in, went back or came back again; <c>PaymentStatus</c> is the new one, as in the API. Where the order changes its status with it, <see cref="OrderStatusChanged"/> alone says so.</summary>
public sealed record OrderPaymentChanged(Guid OrderId, Guid CustomerId, string PaymentStatus);

/// <summary>Money of an order that was paid in a basket has to go back: the basket has it done.</summary>
public sealed record OrderRefundDue(Guid OrderId, Guid BasketId, Money Amount, string Reason);

/// <summary>What other modules may ask of ordering. Every call joins the caller's transaction.</summary>
public interface IOrdering
{
    /// <summary>What goods would come to now, and what stands against them. Nothing is held.</summary>
    /// <exception cref="InvalidException">The wish makes no sense, whatever the store says.</exception>
    Task<PricedGoods> Price(WantedGoods wanted, Caller customer, CancellationToken ct);

    /// <summary>Places an order of goods that is held until its basket is paid, or lapses.</summary>
    /// <exception cref="RefusedException">409, with the rule's name.</exception>
    Task<(Guid OrderId, Money Total)> Hold(WantedGoods wanted, Caller customer, Guid basketId, DateTimeOffset payBy, CancellationToken ct);

    /// <summary>How an order stands now, whatever was told of it before; null where there is none. Nothing is locked.</summary>
    Task<OrderStanding?> Find(Guid orderId, CancellationToken ct);
}

/// <summary>How an order stands.</summary>
/// <param name="Id">The order.</param>
/// <param name="Number">As people call it.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="IsGuest">Whether that is a guest, who has no account.</param>
/// <param name="Status">As in the API: <c>delivered</c>.</param>
/// <param name="PaymentStatus">As in the API: <c>paid</c>.</param>
/// <param name="Total">What it came to, with everything.</param>
public sealed record OrderStanding(Guid Id, long Number, Guid CustomerId, bool IsGuest, string Status, string PaymentStatus, Money Total);

/// <summary>Goods of the shop that somebody wants, as an order has them.</summary>
/// <param name="Items">What is wanted. A product may be in several lines.</param>
/// <param name="Fulfillment">Whether it is brought or picked up.</param>
/// <param name="AddressId">One of the customer's own addresses; delivery takes this or <paramref name="Address"/>.</param>
/// <param name="Address">Where it is brought to.</param>
/// <param name="ScheduledFor">When it is wanted; as soon as can be without it.</param>
/// <param name="Notes">For the kitchen or the courier.</param>
/// <param name="Tip">On top, in the store's currency.</param>
/// <param name="CouponCode">A code that takes something off, in any case.</param>
public sealed record WantedGoods(
    [MinLength(1), MaxLength(100)] WantedGoodsLine[] Items,
    GoodsHandover Fulfillment,
    Guid? AddressId = null,
    PostalAddress? Address = null,
    DateTimeOffset? ScheduledFor = null,
    [StringLength(500)] string? Notes = null,
    Money? Tip = null,
    [StringLength(40, MinimumLength = 2)] string? CouponCode = null);

/// <summary>A product and how many of it.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="Options">What is chosen with each piece.</param>
/// <param name="Notes">What is asked of this line.</param>
public sealed record WantedGoodsLine(Guid ProductId, [Range(1, 999)] int Quantity, [MaxLength(50)] WantedGoodsOption[]? Options = null, [StringLength(200)] string? Notes = null);

/// <summary>An option, and how many times each piece has it.</summary>
public sealed record WantedGoodsOption(Guid OptionId, [Range(1, 50)] int Quantity = 1);

/// <summary>How goods reach their customer.</summary>
public enum GoodsHandover
{
    /// <summary>They are brought.</summary>
    Delivery,

    /// <summary>They are picked up.</summary>
    Pickup,
}

/// <summary>What goods would come to.</summary>
/// <param name="Total">Of what could be priced.</param>
/// <param name="Lines">What makes it up, for people; a discount is less than nothing.</param>
/// <param name="Refusals">What stands against them: the rule's name and a sentence.</param>
public sealed record PricedGoods(Money Total, IReadOnlyList<(string Rule, string? Label, SignedMoney Amount)> Lines, IReadOnlyList<(string Code, string Message)> Refusals);

/// <summary>Takes orders of another system in, many at once, as what they are: over. Every call joins the caller's transaction.</summary>
public interface IOrderingIntake
{
    /// <summary>
    /// Writes past orders down. They take no stock, no coupon, no slot and no number of today, are in no queue and in no report of sales, and nobody is told of them. Their payments stay where
    /// they were made: nothing can be given back here.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingOrder> orders, CancellationToken ct);
}

/// <summary>An order that is over. Amounts are minor units of its currency.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="CustomerId">Who ordered, here.</param>
/// <param name="IsDelivered">Whether it was handed over; else it was called off.</param>
/// <param name="PaymentStatus"><c>pending</c>, <c>paid</c>, <c>failed</c>, <c>partially_refunded</c> or <c>refunded</c>.</param>
/// <param name="IsOnline">Whether it was paid through a provider.</param>
/// <param name="IsDelivery">Whether it was brought.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Lines">What was sold.</param>
/// <param name="Discount">What came off.</param>
/// <param name="DeliveryFee">For bringing it.</param>
/// <param name="Tip">On top.</param>
/// <param name="Total">What it came to, which holds whatever the lines come to; the sum of the others where it is null.</param>
/// <param name="Address">Where it was brought to.</param>
/// <param name="Notes">For the kitchen or the courier.</param>
/// <param name="CancelReason">Why it was called off.</param>
/// <param name="ScheduledFor">When it was wanted.</param>
/// <param name="Metadata">What is kept with the order.</param>
/// <param name="CreatedAt">When it was placed.</param>
/// <param name="ClosedAt">When it was over; null where that is not known.</param>
public sealed record IncomingOrder(
    Guid Id, Guid CustomerId, bool IsDelivered, string PaymentStatus, bool IsOnline, bool IsDelivery, string Currency, IReadOnlyList<IncomingOrderLine> Lines, long Discount, long DeliveryFee, long Tip,
    long? Total, PostalAddress? Address, string? Notes, string? CancelReason, DateTimeOffset? ScheduledFor, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingOrder);
}

/// <summary>A line of it.</summary>
/// <param name="ProductId">The product, here or gone.</param>
/// <param name="Name">What it was called.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="UnitPrice">What one cost.</param>
/// <param name="Notes">What was asked of it.</param>
public sealed record IncomingOrderLine(Guid ProductId, string? Name, int Quantity, long UnitPrice, string? Notes);
