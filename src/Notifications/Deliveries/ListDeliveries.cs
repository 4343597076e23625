using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>Lists what was sent to people, is to be, or was not and why: the newest first. What is shown in the client is not sent, and not in it.</summary>
internal static class ListDeliveries
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Whom it is for.</summary>
        public Guid? PersonId { get; init; }

        /// <summary>The notice that it tells.</summary>
        public Guid? NoticeId { get; init; }

        /// <summary>The way: <c>email</c>, <c>sms</c> or <c>push</c>.</summary>
        [StringLength(20)]
        public string? Channel { get; init; }

        /// <summary>The kind of notices; a letter's own name where it is of none.</summary>
        [StringLength(60)]
        public string? Kind { get; init; }

        /// <summary>Where it stands: <c>pending</c>, <c>sent</c>, <c>failed</c> or <c>skipped</c>.</summary>
        [StringLength(20)]
        public string? Status { get; init; }
    }

    private static readonly SortField[] Sorts = [new("-createdAt", "d.created_at", "timestamptz"), new("createdAt", "d.created_at", "timestamptz")];

    public static async Task<Ok<Page<Delivery>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        var where = Sql.Raw("true");
        if (query.PersonId is { } person)
            where = Sql.Of($"{where} and d.person_id = {person}");
        if (query.NoticeId is { } notice)
            where = Sql.Of($"{where} and d.notice_id = {notice}");
        if (query.Channel is { } channel)
            where = Sql.Of($"{where} and d.channel = {Wire.Asked<Channel>(channel, "channel")}");
        if (query.Kind is { } kind)
            where = Sql.Of($"{where} and d.kind = {kind}");
        if (query.Status is { } status)
            where = Sql.Of($"{where} and d.status = {Wire.Asked<DeliveryStatus>(status, "status")}");
        return TypedResults.Ok(await db.List(query, Delivery.Columns, Sql.Raw("notifications.deliveries d"), where, "d.id", Sorts, Delivery.Read, ct));
    }
}
