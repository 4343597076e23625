using Quitanda.Catalog;
using Quitanda.Ordering.Pricing;

namespace Quitanda.Ordering.Orders;

/// <summary>A line of an order: a product as it was when it was ordered.</summary>
internal sealed class OrderItem
{
    // For EF Core.
    private OrderItem() { }

    public OrderItem(Guid orderId, int position, BillLine billed, string? notes)
    {
        var line = billed.Line;
        (OrderId, Position, ProductId, Name, Quantity, UnitPrice) = (orderId, position, line.ProductId, line.Name, line.Quantity, line.UnitPriceAmount);
        (Total, Discount, CategoryId, Notes) = (billed.Total, billed.Discount, line.CategoryId, notes);
        IsCounted = line.IsCounted;
        Options = line.Options.Count == 0 ? null :
            [.. line.Options.Select(option => new Option(option.OptionId, option.Group, option.Name, option.Quantity, option.UnitPriceAmount, option.FreeQuantity, option.IsCounted))];
    }

    public Guid OrderId { get; private init; }
    public int Position { get; private init; }
    public Guid ProductId { get; private init; }
    public string Name { get; private init; } = "";
    public int Quantity { get; private init; }
    public long UnitPrice { get; private init; }
    public long Total { get; private init; }

    /// <summary>Its share of what the order has off.</summary>
    public long Discount { get; private init; }
    public Guid? CategoryId { get; private init; }
    public Option[]? Options { get; private set; }
    public string? Notes { get; private init; }

    /// <summary>Whether the product was counted when it was taken.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>What the catalog is asked for.</summary>
    public WantedLine Wanted => new(ProductId, Quantity, Options is null ? null : [.. Options.Select(option => new WantedOption(option.Id, option.Quantity))]);

    /// <summary>What the catalog took for it, and so what goes back.</summary>
    public HeldLine Held =>
        new(new(ProductId, Quantity, Options is null ? null : [.. Options.Where(option => option.IsCounted).Select(option => new WantedOption(option.Id, option.Quantity))]), IsCounted);

    /// <summary>Notes what was counted when it was taken again, which may be otherwise than the first time. Name and price stay as they were ordered.</summary>
    public void Retake(TakenLine taken)
    {
        var counted = taken.Options.Where(option => option.IsCounted).Select(option => option.OptionId).ToHashSet();
        IsCounted = taken.IsCounted;
        if (Options is not null && Options.Any(option => option.IsCounted != counted.Contains(option.Id)))
            Options = Array.ConvertAll(Options, option => option with { IsCounted = counted.Contains(option.Id) });
    }

    /// <summary>An option as it was when it was ordered. Its price is in minor units. Orders of before did not note whether it was counted: they return to whatever is counted.</summary>
    internal sealed record Option(Guid Id, string Group, string Name, int Quantity, long UnitPrice, int FreeQuantity, bool IsCounted = true);
}

/// <summary>One entry of an order's timeline.</summary>
internal sealed class OrderEvent
{
    // For EF Core.
    private OrderEvent() { }

    public OrderEvent(Guid orderId, int position, OrderStatus status, DateTimeOffset at, By by, string? reason) =>
        (OrderId, Position, Status, At, MadeBy, MadeById, Reason) = (orderId, position, status, at, by.Actor, by.Id, reason);

    public Guid OrderId { get; private init; }
    public int Position { get; private init; }
    public OrderStatus Status { get; private init; }
    public DateTimeOffset At { get; private init; }
    public Actor MadeBy { get; private init; }

    /// <summary>What was promised from then on, where that is what happened; null where the status changed.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When the kitchen must see it from then on, where something was promised. Later than <see cref="At"/> it left the queue, or stayed out of it.</summary>
    public DateTimeOffset? QueueAt { get; init; }

    /// <summary>Who it was, where it was a person.</summary>
    public Guid? MadeById { get; private init; }
    public string? Reason { get; private init; }
}
