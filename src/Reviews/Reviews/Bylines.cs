using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Puts names to reviews: those of now, since people change them.</summary>
internal sealed class Bylines(IAccounts accounts, Shown shown)
{
    /// <summary>A review as its reader sees it.</summary>
    public async Task<Review> Sign(StoredReview review, bool forModerator, CancellationToken ct) => (await Sign([review], forModerator, ct))[0];

    /// <summary>A page of reviews as its reader sees them.</summary>
    public async Task<Page<Review>> Sign(Page<StoredReview> page, bool forModerator, CancellationToken ct) => new(await Sign(page.Data, forModerator, ct), page.Meta);

    /// <summary>Reviews as their reader sees them.</summary>
    public async Task<List<Review>> Sign(IReadOnlyList<StoredReview> reviews, bool forModerator, CancellationToken ct)
    {
        if (reviews.Count == 0)
            return [];
        var authors = reviews.Select(review => review.AuthorId).Distinct().ToArray();
        var names = await accounts.PublicNames(authors, ct);
        foreach (var author in authors)
            shown.Tag(PublicName.Tag(author));
        return [.. reviews.Select(review => Review.Of(review, names.GetValueOrDefault(review.AuthorId), forModerator))];
    }
}
