using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Lists what people say of a product, the newest first. Sorts by createdAt or rating. Hidden reviews are left out, for everybody.</summary>
internal static class ListProductReviews
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only reviews with so many stars.</summary>
        [Range(1, 5)]
        public int? Rating { get; init; }
    }

    public static async Task<Results<Ok<Page<Review>>, NotFound>> Handle(
        Guid id, [AsParameters] Query query, Db db, IEnumerable<IReviewable> reviewables, Bylines bylines, Shown shown, CancellationToken ct)
    {
        if (!await reviewables.Of(ReviewProduct.Product).IsThere(id, ct))
            return TypedResults.NotFound();

        shown.Tag(StoredReview.Tag(ReviewProduct.Product, id));
        var page = await db.List(
            query, StoredReview.Columns, Sql.Raw("reviews.reviews r"), Where(ReviewProduct.Product, id, query), "r.id", StoredReview.Sorts, StoredReview.Read, ct, hasOnePlan: query.Rating is null);
        return TypedResults.Ok(await bylines.Sign(page, forModerator: false, ct));
    }

    internal static Sql Where(string kind, Guid id, Query query)
    {
        var where = Sql.Of($"r.subject_kind = {kind} and r.subject_id = {id} and {StoredReview.Shown}");
        return query.Rating is { } rating ? Sql.Of($"{where} and r.rating = {rating}") : where;
    }
}
