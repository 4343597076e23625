using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Blocks;

/// <summary>Opens again what a block closed.</summary>
internal static class DeleteBlock
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Guid blockId, Caller caller, Db db, Holds holds, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();
        var gone = await db.ReadFirst(
            $"select k.starts_at, k.ends_at, k.quantity, k.units from booking.blocks k where k.id = {blockId} and k.listing_id = {id} and k.feed_id is null",
            row => ((Period Period, int Quantity, int[]? Units)?)(
                new Period(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1)), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetFieldValue<int[]>(3)), ct);
        if (gone is not { } block)
            return TypedResults.NotFound();

        await holds.Open(listing, blockId, block.Period, block.Quantity, block.Units, ct);
        db.Write($"delete from booking.blocks where id = {blockId}");
        return TypedResults.NoContent();
    }
}
