using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>An order exists and its stock is taken. An online one is still to be paid.</summary>
public sealed record OrderPlaced(Guid OrderId, long Number, Guid CustomerId, Money Total) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(OrderEvents.OrderKind, OrderId, CustomerId);
}

/// <summary>An order changed its status; <c>Status</c> is the new one, as in the API.</summary>
public sealed record OrderStatusChanged(Guid OrderId, long Number, Guid CustomerId, string Status) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(OrderEvents.OrderKind, OrderId, CustomerId);
}
