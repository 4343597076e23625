namespace Quitanda.Accounts.Wallets;

/// <summary>A wallet that its owner signs in with.</summary>
internal sealed class Wallet
{
    /// <summary>The 20 bytes of its address. A wallet is one user's.</summary>
    public required byte[] Address { get; init; }

    public required Guid UserId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last sign-in with it.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
}
