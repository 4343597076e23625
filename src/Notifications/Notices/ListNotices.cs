using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Lists what the caller was told, the newest first.</summary>
internal static class ListNotices
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only those that are unread, or only those that are read.</summary>
        public bool? Unread { get; init; }
    }

    private static readonly SortField[] Sorts = [new("-createdAt", "n.created_at", "timestamptz"), new("createdAt", "n.created_at", "timestamptz")];

    public static async Task<Ok<Page<Notice>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        var which = query.Unread switch { true => Sql.Raw(" and n.read_at is null"), false => Sql.Raw(" and n.read_at is not null"), null => Sql.Nothing };
        return TypedResults.Ok(await db.List(
            query, Notice.Columns, Sql.Raw("notifications.notices n"), Sql.Of($"n.person_id = {caller.Id} and n.is_listed{which}"), "n.id", Sorts, Notice.Read, ct, hasOnePlan: true));
    }
}
