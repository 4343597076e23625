using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Has a listing shown, as far as its owner offers it. Said again, it changes nothing.</summary>
internal static class ApproveListing
{
    public static async Task<Results<Ok<ListingDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, ListingView view, TimeProvider clock, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing)
            return TypedResults.NotFound();
        listing.Decide(Approval.Approved, note: null, clock.GetUtcNow());
        Listing.Evict(db, id);
        return TypedResults.Ok(await view.Changed(id, caller, ct));
    }
}
