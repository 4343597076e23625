using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Shows a hidden review again: it is listed and counted from then on, as its author last left it.</summary>
internal static class ShowReviewAgain
{
    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Caller moderator, Db db, Bylines bylines, CancellationToken ct)
    {
        var wasHidden = false;
        var review = await db.ReadFirst(
            $"""
            with found as (
                select r.id, r.hidden_at from reviews.reviews r where r.id = {id} and r.withdrawn_at is null and {ShowReview.OpenTo(moderator.Id)} for update
            )
            update reviews.reviews r set hidden_at = null, hidden_reason = null from found where r.id = found.id
            returning {StoredReview.Columns}, found.hidden_at is not null
            """,
            reader =>
            {
                wasHidden = reader.GetBoolean(StoredReview.ColumnCount);
                return StoredReview.Read(reader);
            }, ct);
        if (review is null)
            return TypedResults.NotFound();

        if (wasHidden && review.SealedUntil is null)
            review.Changed(db);
        return TypedResults.Ok(await bylines.Sign(review, forModerator: true, ct));
    }
}
