using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>Opens what one side said of a stay when the time in which the other could have spoken is over.</summary>
internal sealed class OpenReviews(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "reviews.open-reviews";

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Reviews a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        // Not waiting for whoever is writing one just now: the next tick sees what came of it.
        var opened = await db.Read(
            $"""
            with due as (
                select id from reviews.reviews where sealed_until <= {clock.GetUtcNow()} order by sealed_until, id limit {AtMost} for update skip locked
            )
            update reviews.reviews r set sealed_until = null from due where r.id = due.id
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct);
        foreach (var (kind, id) in opened.Where(review => review.IsShown).Select(review => (review.SubjectKind, review.SubjectId)).Distinct())
            StoredReview.Changed(db, kind, id);
    }
}
