using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>A browser that asked to be told.</summary>
/// <param name="Id">The subscription.</param>
/// <param name="PersonId">Whose it is.</param>
/// <param name="Endpoint">Where its push service takes messages for it.</param>
/// <param name="ExpiresAt">When it ends by itself; null where it does not.</param>
/// <param name="CreatedAt">When it was first told of here.</param>
internal sealed record PushSubscription(Guid Id, [Person] Guid PersonId, [Personal] string Endpoint, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("s.id, s.person_id, s.endpoint, s.expires_at, s.created_at");

    public static PushSubscription Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4));
}

/// <summary>The browsers of people.</summary>
internal sealed class PushSubscriptions(Db db, TimeProvider clock)
{
    /// <summary>Browsers of one person; one more takes the place of the oldest, which may long have been thrown away.</summary>
    public const int AtMost = 20;

    /// <summary>What is needed to tell a browser something.</summary>
    internal sealed record Target(Guid Id, string Endpoint, byte[] Key, byte[] Auth);

    /// <summary>The subscriptions of somebody that have not ended.</summary>
    public Task<List<Guid>> Of(Guid personId, CancellationToken ct) => db.Read(
        $"select id from notifications.push_subscriptions where person_id = {personId} and (expires_at is null or expires_at > {clock.GetUtcNow()}) order by id", row => row.GetGuid(0), ct);

    /// <summary>One of somebody's own; null where it is gone, or somebody else's by now.</summary>
    public Task<Target?> Find(Guid id, Guid personId, CancellationToken ct) => db.ReadFirst(
        $"select id, endpoint, public_key, auth from notifications.push_subscriptions where id = {id} and person_id = {personId}",
        row => new Target(row.GetGuid(0), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3)), ct);
}

/// <summary>A subscription as it is stored.</summary>
internal sealed class PushSubscriptionRow
{
    public Guid Id { get; init; }
    public Guid PersonId { get; init; }
    public required string Endpoint { get; init; }
    public required byte[] PublicKey { get; init; }
    public required byte[] Auth { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
