namespace Quitanda.Accounts.Sessions;

/// <summary>A sign-in, and the family of all refresh tokens that descend from it.</summary>
internal sealed class Session
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }
    public required string Device { get; init; }
    public string? Ip { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When the newest of its refresh tokens ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>One refresh token, known only by its hash.</summary>
internal sealed class RefreshToken
{
    public required byte[] Hash { get; init; }
    public required Guid SessionId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? SpentAt { get; init; }
}

/// <summary>The failed sign-ins of an address, newest last.</summary>
internal sealed class SignInFailure
{
    public required byte[] AddressHash { get; init; }
    public required DateTimeOffset[] FailedAt { get; init; }
    public required DateTimeOffset LastAt { get; init; }
}
