using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Shows one listing that is offered. Its owner and admins see it also while it is not, and all of it.</summary>
internal static class ShowListing
{
    public static async Task<Results<Ok<ListingDetails>, NotFound>> Handle(Guid id, Caller? caller, ListingView view, CancellationToken ct) =>
        await view.Find(id, caller, ct) is { } listing ? TypedResults.Ok(listing) : TypedResults.NotFound();
}
