using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>
/// Says how a listing was: whoever stayed there, within 14 days of the end, once for each booking. It is shown when the owner has said how the renter was, or when the time is over; the listing's average
/// follows within a moment.
/// </summary>
[Refuses("not_stayed"), Refuses("already_reviewed"), Refuses("review_closed")]
internal static class ReviewListing
{
    /// <summary>Stays of one person in one listing that are looked through, the latest first. Whoever stays more often in 14 days names the booking.</summary>
    private const int AtMost = 100;

    /// <param name="Rating">Stars.</param>
    /// <param name="Comment">Plain text; blanks around it are not kept.</param>
    /// <param name="BookingId">Which stay; without it the latest that can still be reviewed.</param>
    internal sealed record Request([Range(1, 5)] int Rating, [Comment] string? Comment = null, Guid? BookingId = null);

    public static async Task<Results<Created<Review>, NotFound>> Handle(
        Guid id, Request request, Caller author, Db db, IStays stays, StayReviews reviews, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        if (await Which(id, request.BookingId, author, db, stays, clock, ct) is not { } stay)
            return await stays.IsThere(id, author, ct) ? throw StayReviews.NotStayed() : TypedResults.NotFound();
        var review = await reviews.Write(stay, author, request.Rating, request.Comment, ct);
        return TypedResults.Created($"/api/v1/reviews/{review.Id}", await bylines.Sign(review, author.Is(Roles.Moderator), author.Id, ct));
    }

    private static async Task<Stay?> Which(Guid listingId, Guid? bookingId, Caller author, Db db, IStays stays, TimeProvider clock, CancellationToken ct)
    {
        if (bookingId is { } id)
            return await stays.Find(id, ct) is { } named && named.ListingId == listingId && named.RenterId == author.Id ? named : null;
        var over = await stays.Over(author.Id, listingId, AtMost, ct);
        if (over.Count < 2)
            return over is [var only] ? only : null;
        var reviewed = (await db.Read(
            $"select stay_id from reviews.reviews where subject_kind = {Stay.Listing} and subject_id = {listingId} and author_id = {author.Id}", row => row.GetGuid(0), ct)).ToHashSet();
        // Where none is left, the latest one's refusal says why.
        return over.FirstOrDefault(stay => stay.OverAt + StayReviews.Window > clock.GetUtcNow() && !reviewed.Contains(stay.Id)) ?? over[0];
    }
}
