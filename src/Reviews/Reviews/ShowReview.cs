using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Shows one review: to anyone, but for a hidden one, which its author and moderators alone see.</summary>
internal static class ShowReview
{
    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Caller? caller, Db db, Bylines bylines, CancellationToken ct)
    {
        var isModerator = caller?.Is(Roles.Moderator) == true;
        var review = await db.ReadFirst(
            $"""
            select {StoredReview.Columns} from reviews.reviews r
            where r.id = {id} and r.withdrawn_at is null and (r.hidden_at is null or r.author_id = {caller?.Id ?? Guid.Empty} or {isModerator})
            """, StoredReview.Read, ct);
        return review is null ? TypedResults.NotFound() : TypedResults.Ok(await bylines.Sign(review, isModerator, ct));
    }
}
