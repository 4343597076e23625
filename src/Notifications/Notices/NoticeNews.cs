using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>What the realtime hub tells of a notice: to whoever it is for, and to nobody else.</summary>
internal sealed class NoticeNews : IRealtimeSource
{
    public const string NoticeKind = "notice";

    /// <summary>How a notice stands now, and how many are still unread.</summary>
    internal sealed record NotificationChanged(Guid Id, string Kind, string Title, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt, long Unread);

    public string Kind => NoticeKind;

    public string Message => "notificationChanged";

    public Roles? ForAllOf => null;

    public Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct) => db.Read(
        $"""
        select n.person_id, n.id, n.kind, n.title, n.created_at, n.read_at,
            (select count(*) from notifications.notices u where u.person_id = n.person_id and u.is_listed and u.read_at is null)
        from notifications.notices n where n.id = any({ids}) and n.is_listed
        """,
        row => new RealtimeNews(row.GetGuid(0), new NotificationChanged(
            row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), row.GetInt64(6))), ct);
}
