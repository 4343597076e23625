using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>A session as its owner sees it.</summary>
/// <param name="Id">The session.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Device">The user agent that was last seen; empty where there was none.</param>
/// <param name="Ip">The address that was last seen.</param>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
/// <param name="CreatedAt">When it was signed in.</param>
/// <param name="LastSeenAt">When it last signed in or refreshed.</param>
/// <param name="ExpiresAt">When it ends unless it is used.</param>
[SchemaId("Session")]
internal sealed record SignedInDevice(
    Guid Id, [Person] Guid UserId, [Personal] string Device, [Personal] string? Ip, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt)
{
    /// <summary>The select list that <see cref="Read"/> reads, for who asks from a session.</summary>
    public static Sql Columns(Guid current) => $"id, user_id, device, ip, id = {current}, created_at, last_seen_at, expires_at";

    /// <summary>Those of a user that have not ended.</summary>
    public static Sql Going(Guid userId, DateTimeOffset now) => $"user_id = {userId} and revoked_at is null and expires_at > {now}";

    public static SignedInDevice Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetBoolean(4),
        row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7));
}
