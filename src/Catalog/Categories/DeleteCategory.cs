using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>Deletes a category that has no products. Archived products do not count: they leave it.</summary>
[Refuses("category_not_empty")]
internal static class DeleteCategory
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Db db, CancellationToken ct)
    {
        try
        {
            await db.Execute($"update catalog.products set category_id = null where category_id = {id} and archived_at is not null", ct);
            if (await db.Execute($"delete from catalog.categories where id = {id}", ct) == 0)
                return TypedResults.NotFound();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw new RefusedException("category_not_empty", "There are products in this category; move or delete them first.");
        }

        db.Evict(Category.All);
        db.Evict(Category.Tag(id));
        return TypedResults.NoContent();
    }
}
