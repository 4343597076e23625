using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>
/// Takes one's own review back. Its author may post another then, unless a moderator had hidden it, or it is of a stay and was open: who has read the other side's does not speak again.
/// </summary>
internal static class DeleteReview
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Locked first: whether it is hidden is read from the version that nobody can change any more.
        var review = await db.ReadFirst(
            $"""
            with mine as (
                select *, hidden_at is not null or (stay_id is not null and sealed_until is null) as leaves_mark from reviews.reviews where id = {id} and author_id = {caller.Id} and withdrawn_at is null for update
            ), withdrawn as (
                update reviews.reviews r set
                    comment = null, reply = null, replied_at = null, hidden_reason = null, hidden_at = coalesce(r.hidden_at, {now}), withdrawn_at = {now}
                from mine where r.id = mine.id and mine.leaves_mark
            ), deleted as (
                delete from reviews.reviews r using mine where r.id = mine.id and not mine.leaves_mark
            )
            select {StoredReview.Columns} from mine r
            """, StoredReview.Read, ct);
        if (review is null)
            return TypedResults.NotFound();

        if (review.IsShown)
            review.Changed(db);
        return TypedResults.NoContent();
    }
}
