using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Lists everybody's reviews, hidden ones too, the newest first, for moderators. Sorts by createdAt or rating.</summary>
internal static class ListReviews
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only hidden ones, or only those that are shown.</summary>
        public bool? Hidden { get; init; }

        /// <summary>Only reviews with so many stars.</summary>
        [Range(1, 5)]
        public int? Rating { get; init; }

        /// <summary>Only reviews of this product.</summary>
        public Guid? ProductId { get; init; }

        /// <summary>Only reviews of this listing.</summary>
        public Guid? ListingId { get; init; }
    }

    public static async Task<Ok<Page<Review>>> Handle([AsParameters] Query query, Caller moderator, Db db, Bylines bylines, CancellationToken ct)
    {
        var page = await db.List(query, StoredReview.Columns, Sql.Raw("reviews.reviews r"), Sql.Of($"{Where(query)} and {ShowReview.OpenTo(moderator.Id)}"), "r.id", StoredReview.Sorts, StoredReview.Read, ct);
        return TypedResults.Ok(await bylines.Sign(page, forModerator: true, ct));
    }

    internal static Sql Where(Query query)
    {
        var where = Sql.Raw("r.withdrawn_at is null");
        if (query.Hidden is { } hidden)
            where = Sql.Of($"{where} and r.hidden_at is {Sql.Raw(hidden ? "not null" : "null")}");
        if (query.Rating is { } rating)
            where = Sql.Of($"{where} and r.rating = {rating}");
        if (query.ProductId is { } productId)
            where = Sql.Of($"{where} and r.subject_kind = {ReviewProduct.Product} and r.subject_id = {productId}");
        if (query.ListingId is { } listingId)
            where = Sql.Of($"{where} and r.subject_kind = {Stay.Listing} and r.subject_id = {listingId}");
        return where;
    }
}
