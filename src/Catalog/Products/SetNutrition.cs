using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Says what one serving of a product holds, in place of what was said before.</summary>
internal static class SetNutrition
{
    public static async Task<Results<Ok<Nutrition>, NotFound>> Handle(Guid id, Nutrition request, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Execute($"update catalog.products set nutrition = {Sql.Json(request)}, updated_at = {clock.GetUtcNow()} where id = {id} and archived_at is null", ct) == 0)
            return TypedResults.NotFound();

        Product.Evict(db, id);
        return TypedResults.Ok(request);
    }
}
