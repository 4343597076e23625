using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog.Search;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Deletes a product; one that was ever ordered is archived instead: it can be neither seen nor ordered again, and its orders keep it.</summary>
internal static class DeleteProduct
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, IFiles files, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Locked first: whether it was ordered is read from the version that nobody can change any more.
        var gone = await db.ReadFirst(
            $"""
            with ending as (
                select id, ordered from catalog.products where id = {id} and archived_at is null for update
            ), archived as (
                update catalog.products p set archived_at = {now}, updated_at = {now} from ending where p.id = ending.id and ending.ordered
            ), deleted as (
                delete from catalog.products p using ending where p.id = ending.id and not ending.ordered
            )
            select 1 from ending
            """, _ => true, ct);
        if (!gone)
            return TypedResults.NotFound();

        SearchIndex.Remove(db, id);
        await files.Show(ProductImage.ShownBy, id, [], ct);
        Product.Evict(db, id);
        return TypedResults.NoContent();
    }
}
