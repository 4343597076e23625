namespace Loyalty.Points;

// As the tables are, so that EF's model can be compared with them. They are written and read by SQL.
internal sealed class AccountRow
{
    public Guid PersonId { get; init; }
    public long Points { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class EntryRow
{
    public Guid Id { get; init; }
    public Guid PersonId { get; init; }
    public EntryKind Kind { get; init; }
    public Guid? OrderId { get; init; }
    public long Points { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
