using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Deletes a listing that has no open bookings ahead: it can be neither seen nor booked again, and the bookings that it had keep what they need of it.</summary>
[Refuses("listing_in_use")]
internal static class DeleteListing
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, IFiles files, TimeProvider clock, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        if (await ListingUse.IsBooked(db, id, now, ct))
            throw new RefusedException("listing_in_use", "It has bookings ahead.");

        (listing.ArchivedAt, listing.UpdatedAt) = (now, now);
        listing.Images = ListingImage.Stored(await files.ShowOwn(Listing.ShownBy, id, listing.OwnerId, [], ct));
        ListingSearch.Remove(db, id);
        Listing.Evict(db, id);
        return TypedResults.NoContent();
    }
}
