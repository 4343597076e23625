using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Changes one's own review. What is not in the request stays; a null clears. A hidden one stays hidden.</summary>
internal static class ChangeReview
{
    /// <param name="Rating">Stars.</param>
    /// <param name="Comment">Plain text; blanks around it are not kept.</param>
    internal sealed record Request([Range(1, 5)] Patch<int> Rating = default, [Comment] Patch<string?> Comment = default);

    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        var set = Sql.Of($"updated_at = {clock.GetUtcNow()}");
        if (request.Rating.IsSet)
            set = $"{set}, rating = {request.Rating.Value}";
        if (request.Comment.IsSet)
            set = $"{set}, comment = {CommentAttribute.Kept(request.Comment.Value)}";

        var wasRated = 0;
        var review = await db.ReadFirst(
            $"""
            with mine as (
                select id, rating from reviews.reviews where id = {id} and author_id = {caller.Id} and withdrawn_at is null for update
            )
            update reviews.reviews r set {set} from mine where r.id = mine.id
            returning {StoredReview.Columns}, mine.rating
            """,
            reader =>
            {
                wasRated = reader.GetInt32(11);
                return StoredReview.Read(reader);
            }, ct);
        if (review is null)
            return TypedResults.NotFound();

        if (review.HiddenAt is null)
            review.Changed(db, isCounted: review.Rating != wasRated);
        return TypedResults.Ok(await bylines.Sign(review, caller.Is(Roles.Moderator), ct));
    }
}
