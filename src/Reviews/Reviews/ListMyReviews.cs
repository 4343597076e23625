using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Lists the caller's own reviews, hidden and sealed ones too, the newest first. With a product or a booking it says whether the caller has reviewed it.</summary>
internal static class ListMyReviews
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only the one of this product.</summary>
        public Guid? ProductId { get; init; }

        /// <summary>Only those of this listing.</summary>
        public Guid? ListingId { get; init; }

        /// <summary>Only the one of this booking.</summary>
        public Guid? BookingId { get; init; }
    }

    public static async Task<Ok<Page<Review>>> Handle([AsParameters] Query query, Caller caller, Db db, Bylines bylines, CancellationToken ct)
    {
        var where = Sql.Of($"r.author_id = {caller.Id} and r.withdrawn_at is null");
        if (query.ProductId is { } productId)
            where = Sql.Of($"{where} and r.subject_kind = {ReviewProduct.Product} and r.subject_id = {productId}");
        if (query.ListingId is { } listingId)
            where = Sql.Of($"{where} and r.subject_kind = {Stay.Listing} and r.subject_id = {listingId}");
        if (query.BookingId is { } bookingId)
            where = Sql.Of($"{where} and r.stay_id = {bookingId}");
        var page = await db.List(query, StoredReview.Columns, Sql.Raw("reviews.reviews r"), where, "r.id", StoredReview.Sorts, StoredReview.Read, ct);
        return TypedResults.Ok(await bylines.Sign(page, caller.Is(Roles.Moderator), caller.Id, ct));
    }
}
