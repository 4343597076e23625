using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Hides a review: it is neither listed nor counted, and its author and moderators alone see it. Hiding it again gives it another reason.</summary>
internal static class HideReview
{
    /// <param name="Reason">Why, for its author to read.</param>
    internal sealed record Request([StringLength(500, MinimumLength = 1)] string? Reason = null);

    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Request? request, Caller moderator, Db db, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        var wasShown = false;
        var review = await db.ReadFirst(
            $"""
            with found as (
                select r.id, r.hidden_at from reviews.reviews r where r.id = {id} and r.withdrawn_at is null and {ShowReview.OpenTo(moderator.Id)} for update
            )
            update reviews.reviews r set hidden_at = coalesce(found.hidden_at, {clock.GetUtcNow()}), hidden_reason = {request?.Reason} from found where r.id = found.id
            returning {StoredReview.Columns}, found.hidden_at is null
            """,
            reader =>
            {
                wasShown = reader.GetBoolean(StoredReview.ColumnCount);
                return StoredReview.Read(reader);
            }, ct);
        if (review is null)
            return TypedResults.NotFound();

        if (wasShown && review.SealedUntil is null)
            review.Changed(db);
        return TypedResults.Ok(await bylines.Sign(review, forModerator: true, ct));
    }
}
