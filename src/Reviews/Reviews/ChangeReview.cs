using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Stays;

namespace Quitanda.Reviews.Reviews;

/// <summary>Changes one's own review. What is not in the request stays; a null clears. A hidden one stays hidden. One of a stay is final once it is open: both sides have spoken then.</summary>
[Refuses("review_closed")]
internal static class ChangeReview
{
    /// <param name="Rating">Stars.</param>
    /// <param name="Comment">Plain text; blanks around it are not kept.</param>
    internal sealed record Request([Range(1, 5)] Patch<int> Rating = default, [Comment] Patch<string?> Comment = default);

    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var set = Sql.Of($"updated_at = {now}");
        if (request.Rating.IsSet)
            set = $"{set}, rating = {request.Rating.Value}";
        if (request.Comment.IsSet)
            set = $"{set}, comment = {CommentAttribute.Kept(request.Comment.Value)}";

        var wasRated = 0;
        var review = await db.ReadFirst(
            $"""
            with mine as (
                select id, rating, stay_id is null or sealed_until > {now} as may_change from reviews.reviews where id = {id} and author_id = {caller.Id} and withdrawn_at is null for update
            )
            update reviews.reviews r set {set} from mine where r.id = mine.id and coalesce(mine.may_change, false)
            returning {StoredReview.Columns}, mine.rating
            """,
            reader =>
            {
                wasRated = reader.GetInt32(StoredReview.ColumnCount);
                return StoredReview.Read(reader);
            }, ct);
        if (review is null)
            return await db.ReadFirst($"select true from reviews.reviews where id = {id} and author_id = {caller.Id} and withdrawn_at is null", row => row.GetBoolean(0), ct)
                ? throw StayReviews.Closed()
                : TypedResults.NotFound();

        if (review.IsShown)
            review.Changed(db, isCounted: review.Rating != wasRated);
        return TypedResults.Ok(await bylines.Sign(review, caller.Is(Roles.Moderator), caller.Id, ct));
    }
}
