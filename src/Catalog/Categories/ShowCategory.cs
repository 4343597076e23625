using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>Shows one category, by its id or its slug.</summary>
internal static class ShowCategory
{
    public static async Task<Results<Ok<Category>, NotFound>> Handle(string idOrSlug, Db db, Shown shown, CancellationToken ct)
    {
        var key = Guid.TryParse(idOrSlug, out var id) ? Sql.Of($"k.id = {id}") : Sql.Of($"k.slug = {idOrSlug}");
        if (await db.ReadFirst($"select {Category.Columns} from catalog.categories k where {key}", Category.Read, ct) is not { } category)
            return TypedResults.NotFound();

        shown.Tag(Category.Tag(category.Id));
        return TypedResults.Ok(category);
    }
}
