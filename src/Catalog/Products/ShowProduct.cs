using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog.Categories;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Shows one product, by its id or its slug. Staff also see its stock.</summary>
internal static class ShowProduct
{
    public static async Task<Results<Ok<Product>, NotFound>> Handle(string idOrSlug, Caller? caller, Db db, IFiles files, TimeProvider clock, Shown shown, CancellationToken ct)
    {
        var key = Guid.TryParse(idOrSlug, out var id) ? Sql.Of($"p.id = {id}") : Sql.Of($"p.slug = {idOrSlug}");
        var reading = new ProductReading(files, clock.GetUtcNow(), caller?.Is(Roles.Staff) == true);
        var product = await db.ReadFirst(
            $"select {Product.Columns} from catalog.products p join catalog.categories c on c.id = p.category_id where {key} and p.archived_at is null",
            reader => Product.Read(reader, reading), ct);
        if (product is null)
            return TypedResults.NotFound();

        shown.Tag(Product.Tag(product.Id));
        shown.Tag(Category.Tag(product.Category.Id));
        return TypedResults.Ok(product);
    }
}
