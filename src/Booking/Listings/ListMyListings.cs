using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Lists the caller's own listings, shown or not, the newest first.</summary>
internal static class ListMyListings
{
    private static readonly SortField[] Sorts = [new("-createdAt", "l.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<ListedListing>>> Handle([AsParameters] Query query, Caller caller, Db db, IFiles files, CancellationToken ct) => TypedResults.Ok(await db.List(
        query, ListedListing.Columns, ListedListing.From, $"l.owner_id = {caller.Id} and l.archived_at is null", "l.id", Sorts, row => ListedListing.Read(row, files, forOwner: true), ct, hasOnePlan: true));
}
