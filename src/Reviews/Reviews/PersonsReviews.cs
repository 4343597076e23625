using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>What somebody said of what they received. It goes whole, with its stars: an opinion that nobody holds any more counts for nobody.</summary>
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
            foreach (var (review, shown) in reviews.Zip(await bylines.Sign(reviews, forModerator: false, ct)))
                yield return new { Review = shown, review.WithdrawnAt };
            if (reviews.Count < AtOnce)
                yield break;
            last = reviews[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        var gone = await db.Read($"delete from reviews.reviews r where r.author_id = {personId} returning {StoredReview.Columns}", StoredReview.Read, ct);
        foreach (var review in gone.Where(review => review.HiddenAt is null))
            review.Changed(db);
    }
}
