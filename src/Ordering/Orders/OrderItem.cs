using Quitanda.Catalog;

namespace Quitanda.Ordering.Orders;

/// <summary>A line of an order: a product as it was when it was ordered.</summary>
internal sealed class OrderItem
{
    // For EF Core.
    private OrderItem() { }

    public OrderItem(Guid orderId, int position, TakenLine line)
    {
        (OrderId, Position, ProductId, Name, Quantity, UnitPrice) = (orderId, position, line.ProductId, line.Name, line.Quantity, line.UnitPriceAmount);
        Total = checked(line.UnitPriceAmount * line.Quantity);
    }

    public Guid OrderId { get; private init; }
    public int Position { get; private init; }
    public Guid ProductId { get; private init; }
    public string Name { get; private init; } = "";
    public int Quantity { get; private init; }
    public long UnitPrice { get; private init; }
    public long Total { get; private init; }
}

/// <summary>One entry of an order's timeline.</summary>
internal sealed class OrderEvent
{
    // For EF Core.
    private OrderEvent() { }

    public OrderEvent(Guid orderId, int position, OrderStatus status, DateTimeOffset at, Actor madeBy, string? reason) =>
        (OrderId, Position, Status, At, MadeBy, Reason) = (orderId, position, status, at, madeBy, reason);

    public Guid OrderId { get; private init; }
    public int Position { get; private init; }
    public OrderStatus Status { get; private init; }
    public DateTimeOffset At { get; private init; }
    public Actor MadeBy { get; private init; }
    public string? Reason { get; private init; }
}
