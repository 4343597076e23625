using Quitanda.Accounts;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews.Stays;

/// <summary>
/// Writes what the sides of a stay say: the renter of the listing, the owner of the renter. What is said first is sealed until the other side has spoken too, or the time for it is over; and
/// nobody speaks who could have read the other.
/// </summary>
internal sealed class StayReviews(Db db, IAccounts accounts, TimeProvider clock)
{
    /// <summary>How long after a stay its sides may say how it was. Then what one of them said is shown without the other's.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(14);

    /// <summary>Why a review of a stay is neither written nor changed any more.</summary>
    public static RefusedException Closed() => new("review_closed", "The time for it is over, it is open already as both sides have spoken, or who stayed is gone.");

    /// <summary>Why somebody who did not stay says nothing.</summary>
    public static RefusedException NotStayed() => new("not_stayed", "How it was is said after a stay that is over.");

    /// <summary>Writes what one side says.</summary>
    /// <param name="stay">The stay; the author is its renter or its owner.</param>
    /// <param name="author">Who says it.</param>
    /// <param name="rating">Stars.</param>
    /// <param name="comment">As it was sent.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException"><c>not_stayed</c>, <c>already_reviewed</c>, <c>review_closed</c>.</exception>
    public async Task<StoredReview> Write(Stay stay, Caller author, int rating, string? comment, CancellationToken ct)
    {
        if (stay.OverAt is not { } overAt)
            throw NotStayed();
        // Of a renter who is gone nothing is said any more: what was, went with them.
        if (author.Id != stay.RenterId && !await accounts.IsThere(stay.RenterId, ct))
            throw Closed();
        var now = clock.GetUtcNow();
        var (kind, subject, other) = author.Id == stay.RenterId ? (Stay.Listing, stay.ListingId, stay.OwnerId) : (Stay.Renter, stay.RenterId, stay.RenterId);

        // One side at a time, in a statement of its own: of two who speak at once, the second must see that the first has spoken.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended({string.Concat("stay:", stay.Id.ToString())}, 0))", ct);
        var closesAt = overAt + Window;
        var review = closesAt <= now ? null : await db.ReadFirst(
            $"""
            with other as (
                select sealed_until from reviews.reviews where stay_id = {stay.Id} and author_id <> {author.Id} for update
            )
            insert into reviews.reviews as r (id, subject_kind, subject_id, author_id, stay_id, counterpart_id, rating, comment, sealed_until, created_at, updated_at)
            select {Guid.CreateVersion7(now)}, {kind}, {subject}, {author.Id}, {stay.Id}, {other}, {rating}, {CommentAttribute.Kept(comment)}::text,
                case when not exists (select from other) then {closesAt} end, {now}, {now}
            where not exists (select from other where sealed_until is null)
            on conflict on constraint one_of_a_person do nothing
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct);
        if (review is null)
            throw await WhyNot(stay, author, ct);

        var opened = review.SealedUntil is not null ? [] : await db.Read(
            $"""
            update reviews.reviews r set sealed_until = null where r.stay_id = {stay.Id} and r.author_id <> {author.Id} and r.sealed_until is not null
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct);
        foreach (var shown in opened.Append(review).Where(one => one.IsShown))
            shown.Changed(db);
        return review;
    }

    private async Task<RefusedException> WhyNot(Stay stay, Caller author, CancellationToken ct)
    {
        var mine = await db.ReadFirst(
            $"select r.id, r.withdrawn_at is null from reviews.reviews r where r.stay_id = {stay.Id} and r.author_id = {author.Id}",
            row => ((Guid Id, bool IsThere)?)(row.GetGuid(0), row.GetBoolean(1)), ct);
        return mine is not { } known ? Closed() : new("already_reviewed", "You have reviewed this stay already.")
        {
            Facts = known.IsThere ? new Dictionary<string, object>(StringComparer.Ordinal) { ["reviewId"] = known.Id } : null,
        };
    }
}
