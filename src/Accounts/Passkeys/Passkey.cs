using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>A public key whose other half, on a device of its owner's, signs them in.</summary>
internal sealed class Passkey
{
    /// <summary>Passkeys of a user at the most.</summary>
    public const int AtMost = 20;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>What the authenticator calls it.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>The key in COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>How often it signed, by what it said last; always 0 where the authenticator does not count.</summary>
    public required long SignCount { get; init; }

    public required string[] Transports { get; init; }
    public required bool IsBackupEligible { get; init; }
    public required bool IsBackedUp { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>A passkey as its owner sees it.</summary>
/// <param name="Id">By which it is removed.</param>
/// <param name="OwnerId">Whom it signs in.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Transports">How its authenticator is reached, as it said itself: <c>internal</c>, <c>usb</c>, <c>hybrid</c>.</param>
/// <param name="IsBackedUp">Whether it was on more than one device when it was last used.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="LastUsedAt">When it last signed in; null where it never did.</param>
[SchemaId("Passkey")]
internal sealed record OwnedPasskey(
    Guid Id, [Person] Guid OwnerId, [Personal] string Name, [Impersonal] string[] Transports, bool IsBackedUp, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
{
    public static readonly Sql Columns = Sql.Raw("id, user_id, name, transports, is_backed_up, created_at, last_used_at");

    public static OwnedPasskey Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetBoolean(4), row.GetFieldValue<DateTimeOffset>(5),
        row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6));
}
