using Microsoft.EntityFrameworkCore;
using Quitanda.Accounts;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Pricing;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order, and when it may change. Amounts are minor units of <see cref="Currency"/>.</summary>
internal sealed partial class Order
{
    /// <summary>Why an order was cancelled that nobody paid in time.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>Why an order that had lapsed is confirmed.</summary>
    public const string PaidLate = "paid_late";

    private static readonly TimeSpan PayingTakes = TimeSpan.FromMinutes(5);

    private readonly List<OrderItem> _items = [];
    private readonly List<OrderEvent> _timeline = [];

    public Guid Id { get; private init; }
    public long Number { get; private init; }
    public Guid CustomerId { get; private init; }
    public OrderStatus Status { get; private set; }
    public PaymentStatus PaymentStatus { get; private set; }
    public PaymentMethod PaymentMethod { get; private init; }
    public Fulfillment Fulfillment { get; private init; }
    public string Currency { get; private init; } = "";
    public long Subtotal { get; private init; }
    public long Discount { get; private init; }
    public long DeliveryFee { get; private init; }
    public long Tip { get; private init; }
    public long Total { get; private init; }
    public PostalAddress? Address { get; private init; }
    public DateTimeOffset? ScheduledFor { get; private init; }
    public string? Notes { get; private init; }
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = MetadataAttribute.None;
    public Guid? PaymentId { get; private set; }
    public string? Carrier { get; private set; }
    public string? TrackingCode { get; private set; }
    public string? CancelReason { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>The basket that it is held and paid with.</summary>
    public Guid? BasketId { get; private init; }

    /// <summary>What is called out over the counter: the day's letter and the day's count. Null on orders of before there were any.</summary>
    public string? ShortNumber { get; private init; }
    public Guid? CouponId { get; private init; }
    public string? CouponCode { get; private init; }
    public Guid? QuoteId { get; private init; }

    /// <summary>The cash that the customer will hand over.</summary>
    public long? ChangeFor { get; private init; }

    /// <summary>When it is promised.</summary>
    public DateTimeOffset? ReadyAt { get; private set; }

    /// <summary>When the kitchen must see it.</summary>
    public DateTimeOffset? QueueAt { get; private set; }

    /// <summary>The beginning of the slot that it takes a place of.</summary>
    public DateTimeOffset? SlotAt { get; private set; }
    public DateTimeOffset? PaidAt { get; private set; }

    /// <summary>Who is asked for, where somebody said; what a guest left is forgotten some time after the order is done.</summary>
    public OrderContact? Contact { get; private init; }

    /// <summary>Whether its customer is a guest.</summary>
    public bool IsGuest { get; private init; }

    /// <summary>Whether who ordered it is forgotten: what was sold stays, and for whom does not.</summary>
    public bool IsForgotten { get; private init; }

    /// <summary>When it was brought in from another system, where it was over; null for an order of ours.</summary>
    public DateTimeOffset? ImportedAt { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }
    public IReadOnlyList<OrderItem> Items => _items;
    public IReadOnlyList<OrderEvent> Timeline => _timeline;

    /// <summary>What is announced when the order has changed its status.</summary>
    public OrderStatusChanged Changed => new(Id, Number, CustomerId, Status.Name(), UpdatedAt);

    /// <summary>What is told when its money has changed and its status has not.</summary>
    public OrderPaymentChanged PaymentChanged => new(Id, CustomerId, PaymentStatus.Name());

    /// <summary>What is announced when something else about it has changed.</summary>
    public Announcement Announcement => new(OrderEvents.OrderKind, Id, CustomerId);

    /// <summary>What a customer asks for beside the goods, checked already.</summary>
    internal sealed record Wishes(Fulfillment Fulfillment, PaymentMethod PaymentMethod, PostalAddress? Address, DateTimeOffset? ScheduledFor, string? Notes, IReadOnlyDictionary<string, string>? Metadata)
    {
        public (Guid Id, string Code)? Coupon { get; init; }
        public Guid? QuoteId { get; init; }
        public long? ChangeFor { get; init; }
        public DateTimeOffset? ReadyAt { get; init; }
        public DateTimeOffset? QueueAt { get; init; }
        public DateTimeOffset? SlotAt { get; init; }

        /// <summary>Until when its payment may come, so that what is promised can be kept; null where that is always.</summary>
        public DateTimeOffset? PayBy { get; init; }

        /// <summary>The basket that it is part of, and until when that may be paid.</summary>
        public (Guid Id, DateTimeOffset PayBy)? Basket { get; init; }

        public OrderContact? Contact { get; init; }
        public bool IsGuest { get; init; }

        /// <summary>What is noted with each line, in their order; null where nothing is with any.</summary>
        public IReadOnlyList<string?>? LineNotes { get; init; }
    }

    /// <summary>A new order. Names and prices are copied, so that it never changes when a product does.</summary>
    public static Order Place(Guid id, Guid customerId, OrderNumber number, Bill bill, Wishes wishes, DateTimeOffset at, TimeSpan unpaidFor)
    {
        var order = new Order
        {
            Id = id,
            Number = number.Number,
            ShortNumber = number.Short,
            CustomerId = customerId,
            // Nothing is due for an order that costs nothing, and no provider would take it.
            // In a basket it is paid with the rest, whatever it costs itself.
            PaymentStatus = bill.Total == 0 && wishes.Basket is null ? PaymentStatus.Paid : PaymentStatus.Pending,
            PaidAt = bill.Total == 0 && wishes.Basket is null ? at : null,
            PaymentMethod = wishes.PaymentMethod,
            Fulfillment = wishes.Fulfillment,
            Currency = bill.Currency,
            Subtotal = bill.Subtotal,
            Discount = bill.Discount,
            DeliveryFee = bill.DeliveryFee,
            Tip = bill.Tip,
            Total = bill.Total,
            CouponId = wishes.Coupon?.Id,
            CouponCode = wishes.Coupon?.Code,
            QuoteId = wishes.QuoteId,
            ChangeFor = wishes.ChangeFor,
            Address = wishes.Address,
            ScheduledFor = wishes.ScheduledFor,
            ReadyAt = wishes.ReadyAt,
            QueueAt = wishes.QueueAt,
            SlotAt = wishes.SlotAt,
            Notes = wishes.Notes,
            Contact = wishes.Contact,
            IsGuest = wishes.IsGuest,
            Metadata = wishes.Metadata is { Count: > 0 } given ? MetadataAttribute.Kept(given) : MetadataAttribute.None,
            BasketId = wishes.Basket?.Id,
            ExpiresAt = wishes.Basket is { PayBy: var payBy } ? payBy : wishes.PaymentMethod == PaymentMethod.Online && bill.Total > 0 ? LastPaidAt(wishes, at, unpaidFor) : null,
            CreatedAt = at,
            UpdatedAt = at,
        };
        for (var line = 0; line < bill.Lines.Count; line++)
            order._items.Add(new(id, line + 1, bill.Lines[line], wishes.LineNotes?[line]));
        order._timeline.Add(new(id, 1, OrderStatus.Pending, at, By.Customer(customerId), reason: null));
        return order;
    }

    /// <summary>Until when its payment may come: not after the store can keep what it promises, but somebody who pays at once always has the time for it.</summary>
    private static DateTimeOffset LastPaidAt(Wishes wishes, DateTimeOffset at, TimeSpan unpaidFor)
    {
        var last = at + unpaidFor;
        if (wishes.PayBy is not { } payBy || payBy >= last)
            return last;
        var least = at + (unpaidFor < PayingTakes ? unpaidFor : PayingTakes);
        return payBy > least ? payBy : least;
    }

    /// <summary>Finds an order with all that belongs to it, and keeps everybody else from changing it until the transaction ends. Locked before products and payments, always.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="id">The order.</param>
    /// <param name="customerId">Whose it must be; null where any will do.</param>
    /// <param name="ct">Ends the waiting.</param>
    public static async Task<Order?> Lock(Db db, Guid id, Guid? customerId, CancellationToken ct)
    {
        var orders = db.Set<Order>();
        var found = await (customerId is { } owner
            ? orders.FromSql($"select * from ordering.orders where id = {id} and customer_id = {owner} for no key update")
            : orders.FromSql($"select * from ordering.orders where id = {id} for no key update")).ToListAsync(ct);
        if (found is not [var order])
            return null;
        await db.Set<OrderItem>().Where(item => item.OrderId == id).LoadAsync(ct);
        await db.Set<OrderEvent>().Where(happened => happened.OrderId == id).LoadAsync(ct);
        return order;
    }

    /// <summary>Staff take the order on. An online order is confirmed by its payment instead.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>, <c>payment_required</c>.</exception>
    public void Confirm(By by, string? reason, DateTimeOffset at)
    {
        Require(OrderStatus.Confirmed, by.Actor);
        if (PaymentMethod == PaymentMethod.Online && PaymentStatus != PaymentStatus.Paid)
            throw new RefusedException("payment_required", "An online order is confirmed by its payment, which has not come in.");
        Go(OrderStatus.Confirmed, by, at, reason);
    }

    /// <summary>The kitchen begins. From here on a customer cannot cancel.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Prepare(By by, string? reason, DateTimeOffset at) => Go(OrderStatus.Preparing, by, at, reason);

    /// <summary>It can be picked up or sent out.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void MakeReady(By by, string? reason, DateTimeOffset at) => Go(OrderStatus.Ready, by, at, reason);

    /// <summary>It leaves for the customer's address.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>, also where it is to be picked up.</exception>
    public void Dispatch(By by, string? carrier, string? trackingCode, string? reason, DateTimeOffset at)
    {
        Go(OrderStatus.OutForDelivery, by, at, reason);
        (Carrier, TrackingCode) = (carrier, trackingCode);
    }

    /// <summary>The customer has it.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Deliver(By by, string? reason, DateTimeOffset at) => Go(OrderStatus.Delivered, by, at, reason);

    /// <summary>It is called off: by the customer until it is prepared, by staff until it is delivered.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Cancel(By by, string? reason, DateTimeOffset at)
    {
        Go(OrderStatus.Cancelled, by, at, reason);
        CancelReason = reason;
    }

    /// <summary>Staff promise it for another time, which is told and not asked. The kitchen sees it as long before as the store says.</summary>
    /// <param name="by">Who promises.</param>
    /// <param name="readyAt">What is promised now.</param>
    /// <param name="queueAt">When the kitchen must see it then.</param>
    /// <param name="slotAt">The slot that it takes a place of then; null where none need be taken.</param>
    /// <param name="reason">Why, for the customer to read.</param>
    /// <param name="at">Now.</param>
    /// <exception cref="RefusedException"><c>invalid_transition</c>: nothing is promised any more.</exception>
    public void Promise(By by, DateTimeOffset readyAt, DateTimeOffset queueAt, DateTimeOffset? slotAt, string? reason, DateTimeOffset at)
    {
        if (IsFinal(Status))
            throw new RefusedException("invalid_transition", $"An order that is {Status.Name()} is promised for no other time.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["allowed"] = Array.Empty<OrderStatus>() },
            };
        (ReadyAt, QueueAt, SlotAt, UpdatedAt) = (readyAt, queueAt, slotAt, at);
        _timeline.Add(new(Id, _timeline.Count + 1, Status, at, by, reason) { ReadyAt = readyAt, QueueAt = queueAt });
    }

    /// <summary>Whether nobody has paid or taken it on: then it is called off when its customer goes for good. Else it is under way, and its customer is still needed.</summary>
    public bool MayBeAbandoned => MayLapse(Status, PaymentMethod, PaymentStatus);

    /// <summary>Its customer goes for good.</summary>
    public void Abandon(DateTimeOffset at)
    {
        if (!MayBeAbandoned)
            throw new InvalidOperationException("An order that is under way needs its customer.");
        Go(OrderStatus.Cancelled, By.Customer(CustomerId), at);
    }

    /// <summary>Nobody paid in time. False where it was paid or called off meanwhile, or its time has not come: then nothing changes.</summary>
    public bool Lapse(DateTimeOffset at)
    {
        if (LapsesAt is not { } due || due > at)
            return false;
        Go(OrderStatus.Cancelled, By.System, at, Lapsed);
        CancelReason = Lapsed;
        return true;
    }

    /// <summary>When it lapses unless it is paid; null where it does not.</summary>
    public DateTimeOffset? LapsesAt => MayLapse(Status, PaymentMethod, PaymentStatus) ? ExpiresAt : null;

    /// <summary>Whether it was cancelled by time alone: money that still comes may bring it back, unless whoever ordered it is forgotten, since nobody would know whom it is for.</summary>
    public bool HasLapsed => !IsForgotten && Status == OrderStatus.Cancelled && _timeline.MaxBy(happened => happened.Position) is { MadeBy: Actor.System, Reason: Lapsed };

    /// <summary>Whether nothing comes after a status.</summary>
    public static bool IsFinal(OrderStatus status) => status is OrderStatus.Delivered or OrderStatus.Cancelled;

    /// <summary>Where an order may go from a status, for somebody.</summary>
    internal static OrderStatus[] Allowed(OrderStatus from, Fulfillment fulfillment, Actor by) => (from, by) switch
    {
        (OrderStatus.Pending or OrderStatus.Confirmed, Actor.Customer) => [OrderStatus.Cancelled],
        (_, Actor.Customer) => [],
        (OrderStatus.Pending, _) => [OrderStatus.Confirmed, OrderStatus.Cancelled],
        (OrderStatus.Confirmed, _) => [OrderStatus.Preparing, OrderStatus.Cancelled],
        (OrderStatus.Preparing, _) => [OrderStatus.Ready, OrderStatus.Cancelled],
        (OrderStatus.Ready, _) when fulfillment == Fulfillment.Delivery => [OrderStatus.OutForDelivery, OrderStatus.Delivered, OrderStatus.Cancelled],
        (OrderStatus.Ready or OrderStatus.OutForDelivery, _) => [OrderStatus.Delivered, OrderStatus.Cancelled],
        _ => [],
    };

    private void Require(OrderStatus to, Actor by)
    {
        var allowed = Allowed(Status, Fulfillment, by);
        if (Array.IndexOf(allowed, to) >= 0)
            return;
        throw new RefusedException("invalid_transition", $"An order that is {Status.Name()} cannot be made {to.Name()}{(by == Actor.Customer ? " by its customer" : "")}.")
        {
            Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["allowed"] = allowed },
        };
    }

    private void Go(OrderStatus to, By by, DateTimeOffset at, string? reason = null)
    {
        Require(to, by.Actor);
        Enter(to, by, at, reason);
    }

    private void Enter(OrderStatus to, By by, DateTimeOffset at, string? reason)
    {
        (Status, UpdatedAt) = (to, at);
        _timeline.Add(new(Id, _timeline.Count + 1, to, at, by, reason));
    }
}
