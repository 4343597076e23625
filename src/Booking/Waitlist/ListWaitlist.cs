using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Lists who waits, and has waited, for a listing: for its owner and for admins, the first that came first.</summary>
internal static class ListWaitlist
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("place", "w.place", "bigint"), new("-place", "w.place", "bigint"), new("createdAt", "w.created_at", "timestamptz"), new("-createdAt", "w.created_at", "timestamptz"), new("startAt", "w.starts_at", "timestamptz"), new("-startAt", "w.starts_at", "timestamptz")];

    public static async Task<Results<Ok<Page<Wait>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.ReadFirst($"select true from booking.listings where id = {id} and (owner_id = {caller.Id} or {caller.Is(Roles.Admin)})", row => (bool?)row.GetBoolean(0), ct) is null)
            return TypedResults.NotFound();
        return TypedResults.Ok(await db.List(query, Wait.Columns(clock.GetUtcNow()), Wait.From, Sql.Of($"w.listing_id = {id}"), "w.id", Sorts, Wait.Read, ct));
    }
}
