using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Takes back that a product is sold out. It may be called whether it is or not.</summary>
internal static class BackOnSale
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        var was = await db.ReadFirst(
            $"""
            with locked as (
                select id, sold_out_until from catalog.products where id = {id} and archived_at is null for no key update
            ), changed as (
                update catalog.products p set sold_out_until = null, updated_at = {clock.GetUtcNow()} from locked where p.id = locked.id and locked.sold_out_until is not null
            )
            select sold_out_until is not null from locked
            """, reader => (bool?)reader.GetBoolean(0), ct);
        if (was is null)
            return TypedResults.NotFound();

        if (was is true)
            Product.Evict(db, id);
        return TypedResults.NoContent();
    }
}
