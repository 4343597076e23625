namespace Quitanda.Platform.Errors;

/// <summary>A row of <c>platform.errors</c>; written and read by hand-made SQL.</summary>
internal sealed class KeptError
{
    public Guid Id { get; init; }
    public required string Fingerprint { get; init; }
    public required string Type { get; init; }
    public required string Source { get; init; }
    public required string UseCase { get; init; }
    public string? Frame { get; init; }
    public required string Message { get; init; }
    public required string Stack { get; init; }
    public string? LastTraceId { get; init; }
    public long Count { get; init; }
    public int Reopened { get; init; }
    public DateTimeOffset FirstSeenAt { get; init; }
    public DateTimeOffset LastSeenAt { get; init; }
    public DateTimeOffset? ResolvedAt { get; init; }
}
