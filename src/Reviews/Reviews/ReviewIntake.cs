using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Takes in reviews of another system: a statement for all of them, and what they come to is counted anew by jobs.</summary>
internal sealed class ReviewIntake(Db db, TimeProvider clock) : IReviewsIntake
{
    private const int LongestComment = 2000;

    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingReview> reviews, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = reviews.Select(given =>
        {
            var arrival = new Arrival(given.Id);
            if (given.Rating is < 1 or > 5)
                arrival.Refuse("rating_invalid", "A review has 1 to 5 stars.");
            if (given.CounterpartId == given.AuthorId)
                arrival.Refuse("own_listing", "Its author is the owner of what is reviewed.");
            return (Arrival: arrival, Row: given with { Comment = arrival.Words(given.Comment, LongestComment, "comment"), CreatedAt = given.CreatedAt ?? now });
        }).ToList();
        var wanted = rows.Where(row => row.Arrival.MayCome).Select(row => row.Row).ToList();
        var added = (await db.Read(
            $"""
            insert into reviews.reviews (id, subject_kind, subject_id, author_id, rating, comment, stay_id, counterpart_id, created_at, updated_at)
            select id, kind, "subjectId", "authorId", rating, comment, "stayId", "counterpartId", "createdAt", "createdAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (
                id uuid, kind text, "subjectId" uuid, "authorId" uuid, rating integer, comment text, "stayId" uuid, "counterpartId" uuid, "createdAt" timestamptz)
            on conflict on constraint one_of_a_person do nothing
            returning id
            """, row => row.GetGuid(0), ct)).ToHashSet();
        foreach (var (arrival, _) in rows.Where(row => row.Arrival.MayCome && !added.Contains(row.Row.Id)))
            arrival.Refuse("reviewed_already", "Its author has a review of the same already.");
        foreach (var (kind, id) in wanted.Where(row => added.Contains(row.Id)).Select(row => (row.Kind, row.SubjectId)).Distinct())
            StoredReview.Changed(db, kind, id);
        return [.. rows.Select(row => row.Arrival)];
    }
}
