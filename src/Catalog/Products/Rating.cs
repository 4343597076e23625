using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>What a product's reviews come to: their sum and their number, so that one more or less is an addition.</summary>
internal static class Rating
{
    /// <summary>What lists are sorted by. It is an index's own expression, to the letter.</summary>
    public const string Column = "catalog.rating(p.rating_sum, p.rating_count)";

    /// <summary>The average with one decimal; null where nobody has said anything.</summary>
    public static decimal? Average(long sum, int count) => count == 0 ? null : decimal.Round((decimal)sum / count, 1, MidpointRounding.AwayFromZero);

    /// <summary>
    /// Adds to a product's reviews, or takes away, in the transaction of whoever asks, who is to ask once for each review. Archived products count as well; one that is
    /// deleted is passed over.
    /// </summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="productId">The product.</param>
    /// <param name="sum">Stars more, or fewer.</param>
    /// <param name="count">Reviews more, or fewer.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task Add(Db db, Guid productId, long sum, int count, CancellationToken ct)
    {
        if (await db.Execute($"update catalog.products set rating_sum = rating_sum + {sum}, rating_count = rating_count + {count} where id = {productId}", ct) > 0)
            Product.Evict(db, productId);
    }
}
