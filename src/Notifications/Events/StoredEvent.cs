namespace Quitanda.Notifications.Events;

/// <summary>Something that happened, as it is kept.</summary>
internal sealed class StoredEvent
{
    public Guid Id { get; init; }

    /// <summary>Its place in the feed; null until it has one.</summary>
    public long? Position { get; init; }
    public required string Type { get; init; }
    public DateTimeOffset OccurredAt { get; init; }
    public required string Data { get; init; }

    /// <summary>The job that recorded it.</summary>
    public long? JobId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How far the feed is.</summary>
internal sealed class EventFeedRow
{
    public bool IsIt { get; init; }
    public long LastPosition { get; init; }
    public long Forgotten { get; init; }
}
