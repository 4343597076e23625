using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>What a product's reviews come to: their sum and their number, which say more than an average.</summary>
internal static class Rating
{
    /// <summary>What lists are sorted by. It is an index's own expression, to the letter.</summary>
    public const string Column = "catalog.rating(p.rating_sum, p.rating_count)";

    /// <summary>The average with one decimal; null where nobody has said anything.</summary>
    public static decimal? Average(long sum, int count) => count == 0 ? null : decimal.Round((decimal)sum / count, 1, MidpointRounding.AwayFromZero);

    /// <summary>Says what a product's reviews come to. Answers that are kept are forgotten as far as they show it: the product's own by what people read, lists by their order as well.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="productId">The product.</param>
    /// <param name="sum">The sum of the stars.</param>
    /// <param name="count">How many reviews there are.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task Set(Db db, Guid productId, long sum, int count, CancellationToken ct)
    {
        var was = await db.ReadFirst<Before?>(
            $"""
            with was as (
                select id, rating_sum, rating_count, archived_at is null as is_shown from catalog.products
                where id = {productId} and (rating_sum <> {sum} or rating_count <> {count}) for no key update
            )
            update catalog.products p set rating_sum = {sum}, rating_count = {count} from was where p.id = was.id
            returning was.rating_sum, was.rating_count, was.is_shown
            """, reader => new(reader.GetInt64(0), reader.GetInt32(1), reader.GetBoolean(2)), ct);
        if (was is not { IsShown: true } before)
            return;
        // Lists are ordered by more decimals than are shown.
        db.Evict(Product.All);
        if (before.Count != count || Average(before.Sum, before.Count) != Average(sum, count))
            db.Evict(Product.Tag(productId));
    }

    private readonly record struct Before(long Sum, int Count, bool IsShown);
}
