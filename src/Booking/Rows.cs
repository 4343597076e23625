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

internal sealed class ListingSearchRow
{
    public Guid ListingId { get; init; }
    public required string Category { get; init; }
    public required string Title { get; init; }
    public required string Labels { get; init; }
    public required string City { get; init; }
    public required string Description { get; init; }
}

internal sealed class SearchWordRow
{
    public required string Word { get; init; }
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

internal sealed class WaitRow
{
    public Guid Id { get; init; }
    public Guid ListingId { get; init; }
    public Guid PersonId { get; init; }
    public long Place { get; init; }
    public required string Status { get; init; }
    public required string Wish { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public Guid? BookingId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class MessageRow
{
    public Guid Id { get; init; }
    public Guid BookingId { get; init; }
    public required string Author { get; init; }
    public Guid AuthorId { get; init; }
    public string? Text { get; init; }
    public bool IsMasked { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadAt { get; init; }
    public DateTimeOffset? ToldAt { get; init; }
}

internal sealed class MessageLetterRow
{
    public Guid BookingId { get; init; }
    public required string Reader { get; init; }
    public DateTimeOffset ToldAt { get; init; }
}

internal sealed class LetterRow
{
    public Guid BookingId { get; init; }
    public int Position { get; init; }
    public bool DepositBack { get; init; }
}

internal sealed class ReminderRow
{
    public Guid BookingId { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PayoutBatchRow
{
    public Guid Id { get; init; }
    public string? Currency { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PayoutRow
{
    public Guid Id { get; init; }
    public required string Code { get; init; }
    public Guid BatchId { get; init; }
    public Guid OwnerId { get; init; }
    public long Amount { get; init; }
    public required string Currency { get; init; }
    public required string Status { get; init; }
    public string? Reference { get; init; }
    public DateTimeOffset? PaidAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
