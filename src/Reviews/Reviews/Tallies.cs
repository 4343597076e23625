using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Counts reviews for whoever keeps the result.</summary>
internal sealed class Tallies(Db db) : IReviews
{
    public async Task<Tally> Count(string kind, Guid id, CancellationToken ct)
    {
        // A statement of its own: the one that counts must see all that was committed before the lock was given.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended({StoredReview.Tag(kind, id)}, 0))", ct);
        return (await db.ReadFirst(
            $"select coalesce(sum(rating), 0), count(*) from reviews.reviews r where r.subject_kind = {kind} and r.subject_id = {id} and {StoredReview.Shown}",
            reader => new Tally(reader.GetInt64(0), checked((int)reader.GetInt64(1))), ct))!;
    }
}

/// <summary>Finds what is reviewed.</summary>
internal static class Reviewables
{
    /// <summary>The one of a kind.</summary>
    public static IReviewable Of(this IEnumerable<IReviewable> reviewables, string kind) =>
        reviewables.FirstOrDefault(reviewable => reviewable.Kind == kind) ?? throw new InvalidOperationException($"No module offers things of kind {kind} for review.");
}
