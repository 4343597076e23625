using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>The owner of a listing says something to a review of it that is shown, in place of what they said before. It is shown with the review, and hidden with it.</summary>
internal static class ReplyToReview
{
    /// <param name="Text">Plain text; blanks around it are not kept.</param>
    internal sealed record Request([Comment] string Text);

    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Request request, Caller owner, Db db, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        var review = await db.ReadFirst(
            $"""
            update reviews.reviews r set reply = {CommentAttribute.Kept(request.Text)}, replied_at = {clock.GetUtcNow()}
            where r.id = {id} and r.subject_kind = {Stay.Listing} and r.counterpart_id = {owner.Id} and {StoredReview.Shown}
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct);
        if (review is null)
            return TypedResults.NotFound();
        review.Changed(db, isCounted: false);
        return TypedResults.Ok(await bylines.Sign(review, owner.Is(Roles.Moderator), owner.Id, ct));
    }
}
