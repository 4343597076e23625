using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>Lists the categories in the order the shop gave them.</summary>
internal static class ListCategories
{
    private static readonly SortField[] Sorts = [new("position", "k.position", "integer"), new("name", "k.name", "text"), new("createdAt", "k.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    public static async Task<Ok<Page<Category>>> Handle([AsParameters] Query query, Db db, Shown shown, CancellationToken ct)
    {
        shown.Tag(Category.All);
        return TypedResults.Ok(await db.List(query, Category.Columns, Sql.Raw("catalog.categories k"), Sql.Raw("true"), "k.id", Sorts, Category.Read, ct));
    }
}
