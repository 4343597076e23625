using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>What is on sale. Its images are not fetched: the first one's address is kept with it.</summary>
internal sealed class Products : Kind<IncomingProduct>
{
    public const string KindName = "products";

    private const string NoShelf = "Sem categoria";

    private const int LongestShelf = 100;

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["products", "menu_items", "produtos"],
        [
            new("id", "id", "product_id"), new("name", "name", "title", "nome"), new("slug", "slug"), new("description", "description", "descricao"),
            new("price", "price_cents", "price_in_cents", "price", "unit_price", "preco", "base_price"), new("currency", "currency"),
            new("category", "category_id"), new("shelf", "category", "category_name", "categoria"),
            new("stock", "stock", "stock_quantity", "inventory", "quantity", "estoque"),
            new("isAvailable", "is_available", "available", "is_active", "active", "status", "in_stock"), new("isFeatured", "is_featured", "featured", "destaque"),
            new("image", "image_url", "image", "images", "image_urls", "thumbnail", "photo", "photo_url", "imagem"), new("tags", "tags"),
            new("nutrition", "nutrition", "nutritional_info", "nutrition_info", "nutrition_facts"),
            new("servingSize", "nutrition.serving_size", "nutrition.serving", "serving_size"), new("calories", "nutrition.calories", "nutrition.kcal", "calories"),
            new("protein", "nutrition.protein", "nutrition.proteins", "protein"), new("carbohydrates", "nutrition.carbohydrates", "nutrition.carbs", "carbohydrates", "carbs"),
            new("fat", "nutrition.fat", "nutrition.fats", "nutrition.total_fat", "fat"), new("sodium", "nutrition.sodium", "sodium"), new("allergens", "nutrition.allergens", "allergens"),
            new("createdAt", "created_at", "created"), new("updatedAt", "updated_at", "updated"), new("deletedAt", "deleted_at", "is_deleted"),
        ],
        new Side("nutrition", ["nutritions", "nutritional_infos", "nutrition_facts", "product_nutritions"], (["product_id"], ["id"])));

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Categories.KindName, row.Id("category")), (Categories.KindName, ShelfOf(row))];

    /// <summary>A shop without a table of categories keeps their names with its products; and some products are on no shelf.</summary>
    public override async Task<IReadOnlyList<(string Kind, string OldId, Arrival Arrival)>> Prepare(IServiceProvider services, IReadOnlyList<SourceRow> rows, CancellationToken ct)
    {
        var wanted = rows.Where(row => row.Reading.Here(Categories.KindName, row.Id("category")) is null && row.Reading.Here(Categories.KindName, ShelfOf(row)) is null)
            .Select(row => (OldId: ShelfOf(row), row.Reading)).DistinctBy(shelf => shelf.OldId, StringComparer.Ordinal).OrderBy(shelf => shelf.OldId, StringComparer.Ordinal).ToList();
        if (wanted.Count == 0)
            return [];
        var arrivals = await services.GetRequiredService<ICatalogIntake>().TakeCategories(
            [.. wanted.Select(shelf => new IncomingCategory(shelf.Reading.IdOf(Categories.KindName, shelf.OldId), shelf.OldId["name:".Length..], Slug: null, Description: null, CreatedAt: null))], ct);
        return [.. wanted.Zip(arrivals, (shelf, arrival) => (Categories.KindName, shelf.OldId, arrival))];
    }

    protected override IncomingProduct? Map(SourceRow row, string oldId, Reading reading)
    {
        if (row.Flag("deletedAt") == true)
            row.Says.Refuse("deleted", "It was deleted there.");
        if (row.Amount("price") is not { } price)
        {
            row.Says.Refuse("price_invalid", "It has no price.");
            return null;
        }

        if ((reading.Here(Categories.KindName, row.Id("category")) ?? reading.Here(Categories.KindName, ShelfOf(row))) is not { } category)
        {
            row.Says.Refuse("category_missing", "Its category did not come.");
            return null;
        }

        if (row.Id("category") is { } shelf && reading.Here(Categories.KindName, shelf) is null)
            row.Says.Note("category_missing", $"Its category did not come; it is in \"{NoShelf}\".");
        var (created, stock) = (row.Past("createdAt"), row.Whole("stock"));
        return !row.Says.MayCome ? null : new(
            reading.IdOf(KindName, oldId, created), row.Text("name"), row.Text("slug"), row.Text("description"), new(price, row.Id("currency")?.ToUpperInvariant() ?? reading.Currency), category,
            stock is null ? null : (int)Math.Clamp(stock.Value, int.MinValue, int.MaxValue), IsAvailable(row), row.Flag("isFeatured") ?? false, row.Several("tags"), NutritionOf(row),
            reading.Metadata(oldId, row.Says, ("importedImage", row.Image("image"))), created, row.Past("updatedAt"));
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingProduct[] incoming, CancellationToken ct) => services.GetRequiredService<ICatalogIntake>().Take(incoming, ct);

    private static string ShelfOf(SourceRow row)
    {
        var name = row.Text("shelf")?.Trim();
        // Longer than a name of a category is cut there; the key is bounded here.
        return $"name:{(name is null ? NoShelf : Arrival.Cut(name, LongestShelf))}";
    }

    /// <summary>Whether it is on sale. How many are in stock is a word for it as well.</summary>
    private static bool IsAvailable(SourceRow row) =>
        row.Column("isAvailable") is { IsWhole: true } column && SourceTable.Spelled(column.Name) == "instock" && row.Whole("isAvailable") is { } pieces ? pieces > 0 : row.Stands("isAvailable", otherwise: true);

    private static IncomingNutrition? NutritionOf(SourceRow row)
    {
        var (size, calories) = (row.Text("servingSize") ?? row.Member("nutrition", "servingSize", "serving", "portion"), Part("calories", "kcal", "energy"));
        if (size is null && calories is null)
            return null;
        var allergens = row.Has("allergens") ? row.Several("allergens") : row.Member("nutrition", "allergens") is { } list ? SourceRow.ListOf(list) : null;
        return new(size, calories, Part("protein", "proteins"), Part("carbohydrates", "carbs"), Part("fat", "fats", "totalFat"), Part("sodium"), allergens);

        decimal? Part(string field, params string[] others) =>
            row.Number(field) ?? (decimal.TryParse(row.Member("nutrition", [field, .. others]), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null);
    }
}
