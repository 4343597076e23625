using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>Lists what people who stayed say of a listing, the newest first. Sorts by createdAt or rating. What is hidden or sealed is left out, for everybody.</summary>
internal static class ListListingReviews
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only reviews with so many stars.</summary>
        [Range(1, 5)]
        public int? Rating { get; init; }
    }

    public static async Task<Results<Ok<Page<Review>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller? caller, Db db, IStays stays, Bylines bylines, Shown shown, CancellationToken ct)
    {
        if (!await stays.IsThere(id, caller, ct))
            return TypedResults.NotFound();

        shown.Tag(StoredReview.Tag(Stay.Listing, id));
        var where = Sql.Of($"r.subject_kind = {Stay.Listing} and r.subject_id = {id} and {StoredReview.Shown}");
        if (query.Rating is { } rating)
            where = Sql.Of($"{where} and r.rating = {rating}");
        var page = await db.List(query, StoredReview.Columns, Sql.Raw("reviews.reviews r"), where, "r.id", StoredReview.Sorts, StoredReview.Read, ct, hasOnePlan: query.Rating is null);
        return TypedResults.Ok(await bylines.Sign(page, forModerator: false, ct));
    }
}
