using System.Runtime.InteropServices;
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

/// <summary>Who moved an order on, by name where it was a person.</summary>
/// <param name="Actor">In what part.</param>
/// <param name="Id">The user.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct By(Actor Actor, Guid? Id)
{
    /// <summary>The house itself: time, or a payment.</summary>
    public static By System { get; } = new(Actor.System, Id: null);

    public static By Staff(Caller caller) => new(Actor.Staff, caller.Id);

    public static By Customer(Guid id) => new(Actor.Customer, id);
}
