namespace Quitanda.Ordering;

/// <summary>Tables as the EF model knows them that are written and read by hand-made SQL.</summary>
internal sealed class DayRow
{
    public DateOnly Day { get; init; }
    public long Base { get; init; }
}

internal sealed class QueueHeadRow
{
    public int Id { get; init; }
    public long Position { get; init; }
}

internal sealed class QueueEventRow
{
    public long Position { get; init; }
    public Guid OrderId { get; init; }
    public int EventPosition { get; init; }
    public bool Entered { get; init; }
    public DateTimeOffset PutAt { get; init; }
}

internal sealed class CouponRow
{
    public Guid Id { get; init; }
    public required string Code { get; init; }
    public string? Description { get; init; }
    public int? Percent { get; init; }
    public long? Amount { get; init; }
    public required string Currency { get; init; }
    public long? MinimumOrder { get; init; }
    public bool FirstOrderOnly { get; init; }
    public DateTimeOffset? StartsAt { get; init; }
    public DateTimeOffset? EndsAt { get; init; }
    public int? MaxUses { get; init; }
    public int? MaxUsesPerCustomer { get; init; }
    public bool IsActive { get; init; }
    public int Uses { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class CouponUseRow
{
    public Guid CouponId { get; init; }
    public Guid CustomerId { get; init; }
    public int Uses { get; init; }
}

internal sealed class FirstOrderRow
{
    public Guid CustomerId { get; init; }
    public Guid OrderId { get; init; }
}

internal sealed class CartRow
{
    public Guid OwnerId { get; init; }
    public bool IsGuest { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class CartItemRow
{
    public Guid Id { get; init; }
    public Guid OwnerId { get; init; }
    public Guid ProductId { get; init; }
    public required byte[] Variant { get; init; }
    public required string Name { get; init; }
    public string? Options { get; init; }
    public string? Notes { get; init; }
    public int Quantity { get; init; }
    public long Added { get; init; }
}

internal sealed class QuoteRow
{
    public Guid Id { get; init; }
    public required string Bill { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}
