using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>
/// Says how a product was: whoever received it in a delivered order, once. It is shown at once, with its author's first name and initial; the product's average follows
/// within a moment.
/// </summary>
[Refuses("not_received"), Refuses("already_reviewed")]
internal static class ReviewProduct
{
    /// <summary>The kind under which products are reviewed.</summary>
    public const string Product = "product";

    /// <param name="Rating">Stars.</param>
    /// <param name="Comment">Plain text; blanks around it are not kept.</param>
    internal sealed record Request([Range(1, 5)] int Rating, [Comment] string? Comment = null);

    public static async Task<Results<Created<Review>, NotFound>> Handle(
        Guid id, Request request, Caller author, Db db, IEnumerable<IReviewable> reviewables, Bylines bylines, TimeProvider clock, CancellationToken ct)
    {
        var products = reviewables.Of(Product);
        if (!await products.IsThere(id, ct))
            return TypedResults.NotFound();
        if (!await products.WasReceivedBy(author.Id, id, ct))
            throw new RefusedException("not_received", "Only who has received it can say how it was.");

        var review = await Post(Product, id, request, author, db, clock.GetUtcNow(), ct);
        review.Changed(db);
        return TypedResults.Created($"/api/v1/reviews/{review.Id}", await bylines.Sign(review, author.Is(Roles.Moderator), ct));
    }

    private static async Task<StoredReview> Post(string kind, Guid id, Request request, Caller author, Db db, DateTimeOffset now, CancellationToken ct) =>
        await db.ReadFirst(
            $"""
            insert into reviews.reviews as r (id, subject_kind, subject_id, author_id, rating, comment, created_at, updated_at)
            values ({Guid.CreateVersion7(now)}, {kind}, {id}, {author.Id}, {request.Rating}, {CommentAttribute.Kept(request.Comment)}, {now}, {now})
            on conflict on constraint one_of_a_person do nothing
            returning {StoredReview.Columns}
            """, StoredReview.Read, ct)
        ?? throw new RefusedException("already_reviewed", "You have reviewed it already; change what you said instead.") { Facts = await Known(kind, id, author, db, ct) };

    /// <summary>Names the review that is there, where it can still be read.</summary>
    private static async Task<Dictionary<string, object>?> Known(string kind, Guid id, Caller author, Db db, CancellationToken ct)
    {
        var known = await db.ReadFirst<Guid?>(
            $"select id from reviews.reviews where subject_kind = {kind} and subject_id = {id} and author_id = {author.Id} and withdrawn_at is null", reader => reader.GetGuid(0), ct);
        return known is { } reviewId ? new(StringComparer.Ordinal) { ["reviewId"] = reviewId } : null;
    }
}
