using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>
/// Says how a stay was, within 14 days of its end, once for each side: its renter of the listing, its owner of the renter. Both are shown when both have spoken, or when the time is over; before that
/// nobody reads the other's.
/// </summary>
[Refuses("not_stayed"), Refuses("already_reviewed"), Refuses("review_closed")]
internal static class ReviewStay
{
    /// <param name="Rating">Stars.</param>
    /// <param name="Comment">Plain text; blanks around it are not kept.</param>
    internal sealed record Request([Range(1, 5)] int Rating, [Comment] string? Comment = null);

    public static async Task<Results<Created<Review>, NotFound>> Handle(
        Guid id, Request request, Caller author, IStays stays, StayReviews reviews, Bylines bylines, CancellationToken ct)
    {
        if (await stays.Find(id, ct) is not { } stay || (stay.RenterId != author.Id && stay.OwnerId != author.Id))
            return TypedResults.NotFound();
        var review = await reviews.Write(stay, author, request.Rating, request.Comment, ct);
        return TypedResults.Created($"/api/v1/reviews/{review.Id}", await bylines.Sign(review, author.Is(Roles.Moderator), author.Id, ct));
    }
}
