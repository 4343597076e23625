using Npgsql;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>Where something that is delivered stands.</summary>
internal enum DeliveryStatus
{
    /// <summary>It waits: for its turn, for the morning, or for a provider that failed.</summary>
    Pending,

    /// <summary>The other side has taken it on.</summary>
    Sent,

    /// <summary>The other side does not take it, or failed too often.</summary>
    Failed,

    /// <summary>It was not sent, and will not be.</summary>
    Skipped,
}

/// <summary>Why something was not delivered.</summary>
internal enum SkipReason
{
    /// <summary>Its person wants nothing of this kind in this way.</summary>
    NotWanted,

    /// <summary>Its person is gone, or has no address.</summary>
    NobodyThere,

    /// <summary>The account names no phone.</summary>
    NoPhone,

    /// <summary>The browser does not listen any more.</summary>
    Unsubscribed,

    /// <summary>It was of no use any more.</summary>
    TooLate,

    /// <summary>No provider is configured.</summary>
    NotConfigured,

    /// <summary>The other side said no, for good.</summary>
    Refused,

    /// <summary>The other side failed as often as is tried, or nothing is left that would try.</summary>
    GaveUp,

    /// <summary>Its person, or the number that they name, was sent as many of them in a day as the setting allows.</summary>
    TooMany,
}

/// <summary>What is sent to somebody, or was, or was not: a line of the log.</summary>
/// <param name="Id">The delivery, by which the other side can tell a double.</param>
/// <param name="PersonId">Whom it is for; null where they have no account, or had none then.</param>
/// <param name="NoticeId">The notice it tells; null for a mail, which is a letter.</param>
/// <param name="Channel">The way.</param>
/// <param name="Kind">The kind of notices; a letter's own name where it is of none.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it was not delivered.</param>
/// <param name="Detail">What the other side said last, where it failed; no address and none of the words.</param>
/// <param name="Attempts">How often the other side was asked.</param>
/// <param name="ProviderId">What the other side calls it.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="FinishedAt">When it was sent, or came to nothing; null while it waits.</param>
internal sealed record Delivery(
    Guid Id, [Person] Guid? PersonId, Guid? NoticeId, Channel Channel, [Impersonal] string Kind, DeliveryStatus Status, SkipReason? Reason, [Impersonal] string? Detail, int Attempts,
    [Impersonal] string? ProviderId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Characters of what the other side said that are kept.</summary>
    public const int LongestDetail = 300;

    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("d.id, d.person_id, d.notice_id, d.channel, d.kind, d.status, d.reason, d.detail, d.attempts, d.provider_id, d.created_at, d.updated_at, d.finished_at");

    public static Delivery Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), Wire.Parse<Channel>(row.GetString(3)), row.GetString(4),
        Wire.Parse<DeliveryStatus>(row.GetString(5)), row.IsDBNull(6) ? null : Wire.Parse<SkipReason>(row.GetString(6)), row.IsDBNull(7) ? null : row.GetString(7), row.GetInt32(8),
        row.IsDBNull(9) ? null : row.GetString(9), row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11), row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12));

    /// <summary>Ends one, whatever was thought of it before: an operator may have had a dead mail sent again.</summary>
    public static Sql Ending(Guid id, DeliveryStatus status, SkipReason? reason, DateTimeOffset now, bool isTry, string? detail = null, string? providerId = null) =>
        $"""
        update notifications.deliveries set status = {status}, reason = {reason}, detail = {Kept(detail)}, provider_id = {providerId}, attempts = attempts + {(isTry ? 1 : 0)}, updated_at = {now}, finished_at = {now}
        where id = {id}
        """;

    /// <summary>Notes that the other side failed; one that is not tried again, or was tried as often as is tried, has come to nothing.</summary>
    public static Sql Failing(Guid id, string why, bool isFinal, int attemptsAtMost, DateTimeOffset now) =>
        $"""
        update notifications.deliveries set attempts = attempts + 1, detail = {Kept(why)}, updated_at = {now},
            status = case when {isFinal} or attempts + 1 >= {attemptsAtMost} then 'failed' else 'pending' end,
            reason = case when {isFinal} then 'refused' when attempts + 1 >= {attemptsAtMost} then 'gave_up' end,
            finished_at = case when {isFinal} or attempts + 1 >= {attemptsAtMost} then {now} end
        where id = {id} and status in ('pending', 'failed')
        """;

    private static string? Kept(string? text) => text is null ? null : OneLine.Of(text.Length > LongestDetail ? text[..LongestDetail] : text);
}

/// <summary>Something that is to be delivered.</summary>
internal sealed record NewDelivery(Guid Id, Guid? PersonId, Guid? NoticeId, Guid? SubscriptionId, Channel Channel, string Kind)
{
    /// <summary>Writes it into the log, unless it is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="skipped">Why it will not be sent, where that is known already.</param>
    public Sql Insert(DateTimeOffset now, SkipReason? skipped)
    {
        var status = skipped is null ? DeliveryStatus.Pending : DeliveryStatus.Skipped;
        DateTimeOffset? finished = skipped is null ? null : now;
        return $"""
            insert into notifications.deliveries (id, person_id, notice_id, subscription_id, channel, kind, status, reason, attempts, created_at, updated_at, finished_at)
            values ({Id}, {PersonId}, {NoticeId}, {SubscriptionId}, {Channel}, {Kind}, {status}, {skipped}, 0, {now}, {now}, {finished})
            on conflict (id) do nothing
            """;
    }
}

/// <summary>A delivery as it is stored. None of its words are: those of a notice are the notice's, those of a letter are sealed in its job.</summary>
internal sealed class DeliveryRow
{
    public Guid Id { get; init; }
    public Guid? PersonId { get; init; }
    public Guid? NoticeId { get; init; }
    public Guid? SubscriptionId { get; init; }
    public Channel Channel { get; init; }
    public required string Kind { get; init; }
    public DeliveryStatus Status { get; init; }
    public SkipReason? Reason { get; init; }
    public string? Detail { get; init; }
    public int Attempts { get; init; }
    public string? ProviderId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}
