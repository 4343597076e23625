using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Blocks;

/// <summary>Lists the times for which a listing is closed, the latest first. Its owner and admins only.</summary>
internal static class ListBlocks
{
    private static readonly SortField[] Sorts = [new("-startAt", "k.starts_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Results<Ok<Page<Block>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        var listing = await db.ReadFirst($"select {Listing.Columns} from booking.listings l where l.id = {id} and l.archived_at is null", Listing.Read, ct);
        if (listing is null || !listing.IsOf(caller))
            return TypedResults.NotFound();
        var clock = listing.Clock;
        return TypedResults.Ok(await db.List(query, Block.Columns, Sql.Raw("booking.blocks k"), $"k.listing_id = {id} and k.feed_id is null", "k.id", Sorts, row => Block.Read(row, clock), ct, hasOnePlan: true));
    }
}
