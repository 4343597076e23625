using NpgsqlTypes;

namespace Quitanda.Booking;

/// <summary>Tables as the EF model knows them that are written and read by hand-made SQL.</summary>
internal sealed class CategoryRow
{
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public int Commission { get; init; }
    public int Position { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class BlockRow
{
    public Guid Id { get; init; }
    public Guid ListingId { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public int Quantity { get; init; }
    public int[]? Units { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The calendar elsewhere that closes it; null for what its owner did.</summary>
    public Guid? FeedId { get; init; }
}

internal sealed class TakenRow
{
    public Guid ListingId { get; init; }
    public int Unit { get; init; }
    public NpgsqlRange<DateTimeOffset> During { get; init; }
    public Guid? BookingId { get; init; }
    public Guid? BlockId { get; init; }
}

internal sealed class CountRow
{
    public Guid ResourceId { get; init; }
    public DateTimeOffset At { get; init; }
    public int Taken { get; init; }
    public int Capacity { get; init; }
}

internal sealed class EarningRow
{
    public Guid Id { get; init; }
    public Guid OwnerId { get; init; }
    public Guid BookingId { get; init; }
    public long Amount { get; init; }
    public required string Currency { get; init; }
    public Guid? PayoutId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
