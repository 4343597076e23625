using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Lists what the caller waits, and has waited, for.</summary>
internal static class ListMyWaits
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("-createdAt", "w.created_at", "timestamptz"), new("createdAt", "w.created_at", "timestamptz"), new("startAt", "w.starts_at", "timestamptz"), new("-startAt", "w.starts_at", "timestamptz")];

    public static async Task<Ok<Page<Wait>>> Handle([AsParameters] Query query, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, Wait.Columns(clock.GetUtcNow()), Wait.From, Sql.Of($"w.person_id = {caller.Id}"), "w.id", Sorts, Wait.Read, ct));
}
