using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>
/// Shows one review: to anyone, but for a hidden one, which its author and moderators alone see. One of a renter is shown to them and to nobody else without office, and a sealed one
/// not to the other side, whatever office they hold.
/// </summary>
internal static class ShowReview
{
    public static async Task<Results<Ok<Review>, NotFound>> Handle(Guid id, Caller? caller, Db db, Bylines bylines, CancellationToken ct)
    {
        var reader = caller?.Id ?? Guid.Empty;
        var isModerator = caller?.Is(Roles.Moderator) == true;
        var review = await db.ReadFirst(
            $"""
            select {StoredReview.Columns} from reviews.reviews r
            where r.id = {id} and r.withdrawn_at is null and {OpenTo(reader)}
                and ({isModerator} or r.author_id = {reader} or ({StoredReview.Shown} and (r.subject_kind <> {Stay.Renter} or r.counterpart_id = {reader})))
            """, StoredReview.Read, ct);
        return review is null ? TypedResults.NotFound() : TypedResults.Ok(await bylines.Sign(review, isModerator, reader, ct));
    }

    /// <summary>That a review <c>r</c> is not sealed, or not from this reader.</summary>
    public static Sql OpenTo(Guid reader) => Sql.Of($"(r.sealed_until is null or r.counterpart_id <> {reader})");
}
