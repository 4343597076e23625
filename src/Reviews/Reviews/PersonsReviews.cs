using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>
/// What somebody said of what they received and of who stayed with them, what they replied, and what was said of them as a renter. It goes whole, with its stars: an opinion that nobody
/// holds any more counts for nobody, and one of somebody who is gone is of no use.
/// </summary>
internal sealed class PersonsReviews(Bylines bylines) : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "reviews";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var reviews = await db.Read(
                $"select {StoredReview.Columns} from reviews.reviews r where r.author_id = {personId} and r.id > {last} order by r.id limit {AtOnce}", StoredReview.Read, ct);
            foreach (var (review, shown) in reviews.Zip(await bylines.Sign(reviews, forModerator: false, personId, ct)))
                yield return new { Review = shown, review.WithdrawnAt };
            if (reviews.Count < AtOnce)
                break;
            last = reviews[^1].Id;
        }

        last = Guid.Empty;
        while (true)
        {
            // Of what others said, only what this person may read.
            var reviews = await db.Read(
                $"""
                select {StoredReview.Columns} from reviews.reviews r
                where r.counterpart_id = {personId} and r.id > {last} and (r.reply is not null or (r.subject_kind = {Stay.Renter} and {StoredReview.Shown})) order by r.id limit {AtOnce}
                """, StoredReview.Read, ct);
            foreach (var (review, shown) in reviews.Zip(await bylines.Sign(reviews, forModerator: false, personId, ct)))
                yield return review.SubjectKind == Stay.Renter ? new { SaidOfThem = shown } : new { Replied = shown.Reply, To = shown.Id };
            if (reviews.Count < AtOnce)
                yield break;
            last = reviews[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        var gone = await db.Read(
            $"""
            delete from reviews.reviews r where r.author_id = {personId} or (r.counterpart_id = {personId} and r.subject_kind = {Stay.Renter})
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct);
        foreach (var review in gone.Where(review => review.IsShown))
            review.Changed(db);
        var without = await db.Read(
            $"update reviews.reviews r set reply = null, replied_at = null where r.counterpart_id = {personId} and r.reply is not null returning {StoredReview.Columns}", StoredReview.Read, ct);
        foreach (var review in without.Where(review => review.IsShown))
            review.Changed(db, isCounted: false);
    }
}
