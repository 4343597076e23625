using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>An endpoint as admins see it: without its secrets.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Events">What it asks for: <c>*</c>, <c>order.*</c> or one type.</param>
/// <param name="IsEnabled">Whether anything is sent.</param>
/// <param name="DisabledReason">Why nothing is.</param>
/// <param name="DisabledAt">Since when.</param>
/// <param name="FailingSince">Since when nothing got through; null where the last attempt did.</param>
/// <param name="OldSecretEndsAt">Until when the secret before the newest signs as well; null where there is one alone.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was last changed by hand.</param>
internal sealed record WebhookEndpointDetails(
    Guid Id, string Url, string? Description, IReadOnlyList<string> Events, bool IsEnabled, DisabledReason? DisabledReason, DateTimeOffset? DisabledAt, DateTimeOffset? FailingSince,
    DateTimeOffset? OldSecretEndsAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>notifications.webhook_endpoints w</c>.</summary>
    public static Sql Columns(DateTimeOffset now) => Sql.Of(
        $"w.id, w.url, w.description, w.events, w.disabled_reason, w.disabled_at, w.failing_since, case when w.old_secret_ends_at > {now} then w.old_secret_ends_at end, w.created_at, w.updated_at");

    public static WebhookEndpointDetails Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetFieldValue<string[]>(3), row.IsDBNull(4), row.IsDBNull(4) ? null : Wire.Parse<DisabledReason>(row.GetString(4)),
        Instant(row, 5), Instant(row, 6), Instant(row, 7), row.GetFieldValue<DateTimeOffset>(8), row.GetFieldValue<DateTimeOffset>(9));

    public static Task<WebhookEndpointDetails?> Find(Db db, Guid id, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst($"select {Columns(now)} from notifications.webhook_endpoints w where w.id = {id} and w.deleted_at is null", Read, ct);

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}
