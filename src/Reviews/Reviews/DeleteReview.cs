using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Takes one's own review back. Its author may post another then, unless a moderator had hidden it.</summary>
internal static class DeleteReview
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        // Locked first: whether it is hidden is read from the version that nobody can change any more.
        var review = await db.ReadFirst(
            $"""
            with mine as (
                select * from reviews.reviews where id = {id} and author_id = {caller.Id} and withdrawn_at is null for update
            ), withdrawn as (
                update reviews.reviews r set comment = null, hidden_reason = null, withdrawn_at = {clock.GetUtcNow()} from mine where r.id = mine.id and mine.hidden_at is not null
            ), deleted as (
                delete from reviews.reviews r using mine where r.id = mine.id and mine.hidden_at is null
            )
            select {StoredReview.Columns} from mine r
            """, StoredReview.Read, ct);
        if (review is null)
            return TypedResults.NotFound();

        if (review.HiddenAt is null)
            review.Changed(db);
        return TypedResults.NoContent();
    }
}
