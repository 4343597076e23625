using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Has a listing not shown, and tells its owner why. Once they have changed it, it is looked at again. Bookings that it has stay.</summary>
internal static class RejectListing
{
    /// <param name="Reason">For the owner.</param>
    internal sealed record Request([Required, StringLength(500)] string Reason);

    public static async Task<Results<Ok<ListingDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, ListingView view, TimeProvider clock, CancellationToken ct)
    {
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing)
            return TypedResults.NotFound();
        listing.Decide(Approval.Rejected, request.Reason, clock.GetUtcNow());
        Listing.Evict(db, id);
        return TypedResults.Ok(await view.Changed(id, caller, ct));
    }
}
