using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>
/// Lists what owners say of somebody who stayed with them, the newest first: to an owner who has a request or a booking of theirs, to themselves and to moderators. To everybody else there is nobody
/// here. What is hidden or sealed is left out.
/// </summary>
internal static class ListRenterReviews
{
    internal sealed record Query : PageQuery;

    public static async Task<Results<Ok<Page<Review>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, IStays stays, Bylines bylines, CancellationToken ct)
    {
        var isModerator = caller.Is(Roles.Moderator);
        if (id != caller.Id && !isModerator && !await stays.Knows(caller.Id, id, ct))
            return TypedResults.NotFound();

        var where = Sql.Of($"r.subject_kind = {Stay.Renter} and r.subject_id = {id} and {StoredReview.Shown}");
        var page = await db.List(query, StoredReview.Columns, Sql.Raw("reviews.reviews r"), where, "r.id", StoredReview.Sorts, StoredReview.Read, ct);
        return TypedResults.Ok(await bylines.Sign(page, isModerator, caller.Id, ct));
    }
}
