using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>Changes a category's name, description or position. Its slug stays, so that addresses keep working.</summary>
internal static class ChangeCategory
{
    internal sealed record Request(
        [Required, StringLength(100)] Patch<string> Name = default,
        [StringLength(1000)] Patch<string?> Description = default,
        [Range(0, 1_000_000)] Patch<int> Position = default);

    public static async Task<Results<Ok<Category>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var set = Sql.Of($"updated_at = {clock.GetUtcNow()}");
        if (request.Name.IsSet)
            set = $"{set}, name = {request.Name.Value}";
        if (request.Description.IsSet)
            set = $"{set}, description = {request.Description.Value}";
        if (request.Position.IsSet)
            set = $"{set}, position = {request.Position.Value}";

        if (await db.ReadFirst($"update catalog.categories k set {set} where id = {id} returning {Category.Columns}", Category.Read, ct) is not { } changed)
            return TypedResults.NotFound();

        db.Evict(Category.All);
        db.Evict(Category.Tag(id));
        // Products show the name of their category.
        if (request.Name.IsSet)
        {
            SearchIndex.Rename(db, id, changed.Name);
            db.Evict(Product.All);
        }

        return TypedResults.Ok(changed);
    }
}
