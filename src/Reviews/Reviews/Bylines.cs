using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>Puts names to reviews: those of now, since people change them.</summary>
internal sealed class Bylines(IAccounts accounts, Shown shown)
{
    /// <inheritdoc cref="Sign(IReadOnlyList{StoredReview}, bool, Guid?, CancellationToken)"/>
    public Task<Review> Sign(StoredReview review, bool forModerator, CancellationToken ct) => Sign(review, forModerator, reader: null, ct);

    /// <inheritdoc cref="Sign(IReadOnlyList{StoredReview}, bool, Guid?, CancellationToken)"/>
    public async Task<Review> Sign(StoredReview review, bool forModerator, Guid? reader, CancellationToken ct) => (await Sign([review], forModerator, reader, ct))[0];

    /// <inheritdoc cref="Sign(IReadOnlyList{StoredReview}, bool, Guid?, CancellationToken)"/>
    public Task<Page<Review>> Sign(Page<StoredReview> page, bool forModerator, CancellationToken ct) => Sign(page, forModerator, reader: null, ct);

    /// <inheritdoc cref="Sign(IReadOnlyList{StoredReview}, bool, Guid?, CancellationToken)"/>
    public async Task<Page<Review>> Sign(Page<StoredReview> page, bool forModerator, Guid? reader, CancellationToken ct) => new(await Sign(page.Data, forModerator, reader, ct), page.Meta);

    /// <summary>Reviews as their reader sees them.</summary>
    /// <param name="reviews">Which.</param>
    /// <param name="forModerator">Whether whoever reads looks after them.</param>
    /// <param name="reader">Who reads, where it matters: a side of a stay is told which it was.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<List<Review>> Sign(IReadOnlyList<StoredReview> reviews, bool forModerator, Guid? reader, CancellationToken ct)
    {
        if (reviews.Count == 0)
            return [];
        var authors = reviews.Select(review => review.AuthorId).Distinct().ToArray();
        var names = await accounts.PublicNames(authors, ct);
        foreach (var author in authors)
            shown.Tag(PublicName.Tag(author));
        return [.. reviews.Select(review => Review.Of(review, names.GetValueOrDefault(review.AuthorId), forModerator, reader))];
    }
}
