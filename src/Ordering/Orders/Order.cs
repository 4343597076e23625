using Microsoft.EntityFrameworkCore;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Where an order stands.</summary>
internal enum OrderStatus
{
    Pending,
    Confirmed,
    Preparing,
    Ready,
    OutForDelivery,
    Delivered,
    Cancelled,
}

/// <summary>Where the money for an order stands.</summary>
[SchemaId("OrderPaymentStatus")]
internal enum PaymentStatus
{
    Pending,
    Paid,
    Failed,
    PartiallyRefunded,
    Refunded,
}

/// <summary>How an order is paid: through a provider, or by hand (cash, card machine) when it is handed over.</summary>
[SchemaId("OrderPaymentMethod")]
internal enum PaymentMethod
{
    Online,
    Manual,
}

/// <summary>How an order reaches its customer.</summary>
internal enum Fulfillment
{
    Delivery,
    Pickup,
}

/// <summary>Who moved an order on.</summary>
internal enum Actor
{
    Customer,
    Staff,
    System,
}

/// <summary>An order, and when it may change. Amounts are minor units of <see cref="Currency"/>.</summary>
internal sealed class Order
{
    /// <summary>Why an order was cancelled that nobody paid in time.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>Why an order that had lapsed is confirmed.</summary>
    public const string PaidLate = "paid_late";

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
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }
    public IReadOnlyList<OrderItem> Items => _items;
    public IReadOnlyList<OrderEvent> Timeline => _timeline;

    /// <summary>What is announced when the order has changed its status.</summary>
    public OrderStatusChanged Changed => new(Id, Number, CustomerId, Status.Name());

    /// <summary>What is announced when something else about it has changed.</summary>
    public Announcement Announcement => new(OrderEvents.OrderKind, Id, CustomerId);

    /// <summary>What a customer asks for beside the goods, checked already.</summary>
    internal sealed record Wishes(
        Fulfillment Fulfillment, PaymentMethod PaymentMethod, PostalAddress? Address, DateTimeOffset? ScheduledFor, string? Notes, long Tip, IReadOnlyDictionary<string, string>? Metadata);

    /// <summary>A new order. Names and prices are copied, so that it never changes when a product does.</summary>
    /// <exception cref="RefusedException"><c>currency_mismatch</c>, <c>total_too_large</c>.</exception>
    public static Order Place(Guid customerId, long number, IReadOnlyList<TakenLine> lines, string currency, long deliveryFee, Wishes wishes, DateTimeOffset at, TimeSpan unpaidFor)
    {
        var id = Guid.CreateVersion7(at);
        List<OrderItem> items = new(lines.Count);
        var subtotal = 0L;
        foreach (var line in lines)
        {
            if (line.Currency != currency)
                throw new RefusedException("currency_mismatch", $"{line.Name} is priced in {line.Currency}, and the store sells in {currency}.");
            var item = new OrderItem(id, items.Count + 1, line);
            items.Add(item);
            subtotal = checked(subtotal + item.Total);
        }

        var total = checked(subtotal + deliveryFee + wishes.Tip);
        if (total > Money.Most)
            throw new RefusedException("total_too_large", "The order comes to more than the store can take in one order.");

        var order = new Order
        {
            Id = id,
            Number = number,
            CustomerId = customerId,
            // Nothing is due for an order that costs nothing, and no provider would take it.
            PaymentStatus = total == 0 ? PaymentStatus.Paid : PaymentStatus.Pending,
            PaymentMethod = wishes.PaymentMethod,
            Fulfillment = wishes.Fulfillment,
            Currency = currency,
            Subtotal = subtotal,
            DeliveryFee = deliveryFee,
            Tip = wishes.Tip,
            Total = total,
            Address = wishes.Address,
            ScheduledFor = wishes.ScheduledFor,
            Notes = wishes.Notes,
            Metadata = wishes.Metadata is { Count: > 0 } given ? MetadataAttribute.Kept(given) : MetadataAttribute.None,
            ExpiresAt = wishes.PaymentMethod == PaymentMethod.Online && total > 0 ? at + unpaidFor : null,
            CreatedAt = at,
            UpdatedAt = at,
        };
        order._items.AddRange(items);
        order._timeline.Add(new(id, 1, OrderStatus.Pending, at, Actor.Customer, reason: null));
        return order;
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
            ? orders.FromSql($"select * from ordering.orders where id = {id} and customer_id = {owner} for update")
            : orders.FromSql($"select * from ordering.orders where id = {id} for update")).ToListAsync(ct);
        if (found is not [var order])
            return null;
        await db.Set<OrderItem>().Where(item => item.OrderId == id).LoadAsync(ct);
        await db.Set<OrderEvent>().Where(happened => happened.OrderId == id).LoadAsync(ct);
        return order;
    }

    /// <summary>Staff take the order on. An online order is confirmed by its payment instead.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>, <c>payment_required</c>.</exception>
    public void Confirm(DateTimeOffset at)
    {
        Require(OrderStatus.Confirmed, Actor.Staff);
        if (PaymentMethod == PaymentMethod.Online && PaymentStatus != PaymentStatus.Paid)
            throw new RefusedException("payment_required", "An online order is confirmed by its payment, which has not come in.");
        Go(OrderStatus.Confirmed, Actor.Staff, at);
    }

    /// <summary>The kitchen begins. From here on a customer cannot cancel.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Prepare(DateTimeOffset at) => Go(OrderStatus.Preparing, Actor.Staff, at);

    /// <summary>It can be picked up or sent out.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void MakeReady(DateTimeOffset at) => Go(OrderStatus.Ready, Actor.Staff, at);

    /// <summary>It leaves for the customer's address.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>, also where it is to be picked up.</exception>
    public void Dispatch(string? carrier, string? trackingCode, DateTimeOffset at)
    {
        Go(OrderStatus.OutForDelivery, Actor.Staff, at);
        (Carrier, TrackingCode) = (carrier, trackingCode);
    }

    /// <summary>The customer has it.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Deliver(DateTimeOffset at) => Go(OrderStatus.Delivered, Actor.Staff, at);

    /// <summary>Whether its money is taken as it is handed over: it is a manual one, and nobody has paid.</summary>
    public bool IsPaidAtTheDoor => PaymentMethod == PaymentMethod.Manual && WhyNotPayable is null;

    /// <summary>It is called off: by the customer until it is prepared, by staff until it is delivered.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Cancel(Actor by, string? reason, DateTimeOffset at)
    {
        Go(OrderStatus.Cancelled, by, at, reason);
        CancelReason = reason;
    }

    /// <summary>Its customer goes for good: what nobody has paid or taken on is called off. False where it is under way, and its customer is still needed.</summary>
    public bool Abandon(DateTimeOffset at)
    {
        if (!MayLapse(Status, PaymentMethod, PaymentStatus))
            return false;
        Go(OrderStatus.Cancelled, Actor.Customer, at);
        return true;
    }

    /// <summary>Nobody paid in time. False where it was paid or called off meanwhile, or its time has not come: then nothing changes.</summary>
    public bool Lapse(DateTimeOffset at)
    {
        if (LapsesAt is not { } due || due > at)
            return false;
        Go(OrderStatus.Cancelled, Actor.System, at, Lapsed);
        CancelReason = Lapsed;
        return true;
    }

    /// <summary>When it lapses unless it is paid; null where it does not.</summary>
    public DateTimeOffset? LapsesAt => MayLapse(Status, PaymentMethod, PaymentStatus) ? ExpiresAt : null;

    /// <summary>Whether an order waits for a payment that may never come: an online one that costs something.</summary>
    public static bool MayLapse(OrderStatus status, PaymentMethod method, PaymentStatus payment) =>
        status == OrderStatus.Pending && method == PaymentMethod.Online && (payment is PaymentStatus.Pending or PaymentStatus.Failed);

    /// <summary>Whether it was cancelled by time alone: money that still comes may bring it back.</summary>
    public bool HasLapsed => Status == OrderStatus.Cancelled && _timeline.MaxBy(happened => happened.Position) is { MadeBy: Actor.System, Reason: Lapsed };

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
    public Due Due => new(CustomerId, new(Total, Currency), Split, MayBePaid: WhyNotPayable is null, WhyNotPayable) { IsByHand = PaymentMethod == PaymentMethod.Manual, ExpiresAt = LapsesAt };

    /// <summary>Why the order cannot be paid now; null where it can.</summary>
    public string? WhyNotPayable => this switch
    {
        { Status: OrderStatus.Cancelled } => "order_cancelled",
        { PaymentStatus: PaymentStatus.Pending or PaymentStatus.Failed } => null,
        _ => "already_paid",
    };

    /// <summary>Money came in: an order that waited for it is confirmed. False where the order takes no money from this payment.</summary>
    public bool TakePayment(Guid paymentId, DateTimeOffset at)
    {
        if (PaymentId == paymentId)
            return true;
        if (WhyNotPayable is not null)
            return false;
        (PaymentId, PaymentStatus, UpdatedAt) = (paymentId, PaymentStatus.Paid, at);
        // One that is paid by hand is for staff to take on, however early its money comes.
        if (Status == OrderStatus.Pending && PaymentMethod == PaymentMethod.Online)
            Go(OrderStatus.Confirmed, Actor.System, at);
        return true;
    }

    /// <summary>Money came in for an order that had lapsed, and its stock is taken again: it is confirmed after all.</summary>
    public void Revive(Guid paymentId, DateTimeOffset at)
    {
        if (!HasLapsed)
            throw new InvalidOperationException("Only an order that lapsed is brought back.");
        (PaymentId, PaymentStatus, CancelReason) = (paymentId, PaymentStatus.Paid, null);
        Enter(OrderStatus.Confirmed, Actor.System, at, PaidLate);
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

    private void Go(OrderStatus to, Actor by, DateTimeOffset at, string? reason = null)
    {
        Require(to, by);
        Enter(to, by, at, reason);
    }

    private void Enter(OrderStatus to, Actor by, DateTimeOffset at, string? reason)
    {
        (Status, UpdatedAt) = (to, at);
        _timeline.Add(new(Id, _timeline.Count + 1, to, at, by, reason));
    }
}
